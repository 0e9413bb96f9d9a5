"""Which page a pass over a column read: definitions are edited, and a pass proves nothing of another page."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("column_pass", sa.Column("address", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("column_pass") as changed:
        changed.drop_column("address")
