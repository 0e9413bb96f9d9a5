"""Alerts are given to users; lists of alerts are read from one index."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("alert", "alert_event"):
        op.add_column(table, sa.Column("assigned_to", sa.String(), nullable=True))
    op.create_index(
        "alert_inbox",
        "alert",
        [
            "state",
            "severity",
            sa.text("id DESC"),
            "county_code",
            "audience",
            "kind",
            "report_year",
            "rule",
            "assigned_to",
        ],
    )


def downgrade() -> None:
    op.drop_index("alert_inbox", table_name="alert")
    for table in ("alert_event", "alert"):
        op.drop_column(table, "assigned_to")
