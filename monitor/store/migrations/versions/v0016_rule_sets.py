"""The versions of the rules by which reports were judged, one row for each set of them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_set",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("versions", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rule_set")
