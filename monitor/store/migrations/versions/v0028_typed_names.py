"""Names that were typed at failed log-ins and belong to nobody are forgotten: they may be passwords."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE audit_entry SET who = '(unknown)', subject = '(unknown)' "
        "WHERE what = 'log_in.failed' AND subject NOT IN (SELECT name FROM user_account)"
    )
    op.execute("DELETE FROM failed_log_in")


def downgrade() -> None:
    pass
