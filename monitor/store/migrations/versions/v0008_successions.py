"""How organs follow each other: mergers, splits, new names, new kinds, and ends."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "succession",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("predecessor", sa.String(18), sa.ForeignKey("organ.code"), nullable=False),
        sa.Column("successor", sa.String(18), sa.ForeignKey("organ.code"), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.UniqueConstraint("predecessor", "successor", "day"),
    )


def downgrade() -> None:
    op.drop_table("succession")
