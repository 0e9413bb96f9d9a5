"""Single sign-on: whom the provider knows as a user, and which attempts came back."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("sign_on_subject", sa.String(64), nullable=True))
    op.create_table(
        "used_sign_on",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("used_sign_on")
    with op.batch_alter_table("user_account") as table:
        table.drop_column("sign_on_subject")
