"""Steps of alerts that wait to be told, for each channel, and when a message is given up."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_step",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.Integer(), sa.ForeignKey("alert_event.id"), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Integer(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.UniqueConstraint("event_id", "channel"),
    )
    op.create_index("ix_waiting_step_alert_id", "waiting_step", ["alert_id"])
    op.create_index("ix_waiting_step_taken_at", "waiting_step", ["taken_at"])
    op.add_column("delivery", sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("delivery") as changed:
        changed.drop_column("give_up_at")
    op.drop_index("ix_waiting_step_taken_at", table_name="waiting_step")
    op.drop_index("ix_waiting_step_alert_id", table_name="waiting_step")
    op.drop_table("waiting_step")
