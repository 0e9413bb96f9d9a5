"""What people said of names that reports print: whose they are, and whose not."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "name_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("county_code", sa.String(6), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organ_code", sa.String(18), sa.ForeignKey("organ.code"), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_by", sa.String(), nullable=True),
        sa.Column("forgotten_note", sa.String(), nullable=True),
    )
    op.create_index("ix_name_answer_reference", "name_answer", ["reference"])


def downgrade() -> None:
    op.drop_index("ix_name_answer_reference", table_name="name_answer")
    op.drop_table("name_answer")
