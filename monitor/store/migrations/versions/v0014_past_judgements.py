"""What was said of versions before it was said otherwise."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_judgement",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("held_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
    )
    op.create_index("past_judgement_version", "past_judgement", ["version_id", "held_to"])


def downgrade() -> None:
    op.drop_index("past_judgement_version", table_name="past_judgement")
    op.drop_table("past_judgement")
