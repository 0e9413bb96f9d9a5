"""Which texts were held against all others since they were made: a pass that is broken off goes on there."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was made before is made anew: nothing says whether it was compared.
    op.execute("DELETE FROM similar_pair")
    op.execute("DELETE FROM compared_text")
    with op.batch_alter_table("compared_text") as table:
        table.add_column(sa.Column("compared", sa.Boolean(), nullable=False))
    op.create_index(
        "compared_text_to_do",
        "compared_text",
        ["compared"],
        sqlite_where=sa.text("compared = 0"),
        postgresql_where=sa.text("NOT compared"),
    )


def downgrade() -> None:
    op.drop_index("compared_text_to_do", "compared_text")
    with op.batch_alter_table("compared_text") as table:
        table.drop_column("compared")
