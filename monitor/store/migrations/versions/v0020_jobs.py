"""Jobs, and the last slot that was used for a visit to each portal."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.String(), index=True),
        sa.Column("line", sa.JSON()),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "job_waits_once", "job", ["kind", "subject"], unique=True, sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "visit_slot",
        sa.Column("portal_id", sa.String(), primary_key=True),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("visit_slot")
    op.drop_table("job")
