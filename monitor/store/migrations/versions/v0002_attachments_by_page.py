"""An index for the attachments of a page."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ATTACHMENTS = sa.text("role = 'attachment'")


def upgrade() -> None:
    op.create_index(
        "capture_parent",
        "capture",
        ["portal_id", "parent_address"],
        unique=False,
        sqlite_where=_ATTACHMENTS,
        postgresql_where=_ATTACHMENTS,
    )


def downgrade() -> None:
    op.drop_index("capture_parent", table_name="capture")
