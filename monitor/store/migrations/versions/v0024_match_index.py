"""The queue of doubtful names reads an index, not every report."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("report_version_match", "report_version", ["organ_match"])


def downgrade() -> None:
    op.drop_index("report_version_match", "report_version")
