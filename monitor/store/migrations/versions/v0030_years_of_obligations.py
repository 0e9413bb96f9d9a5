"""Of which years there are obligations is told by an index, not by reading all of them."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("obligation_report_year", "obligation", ["report_year"])


def downgrade() -> None:
    op.drop_index("obligation_report_year", "obligation")
