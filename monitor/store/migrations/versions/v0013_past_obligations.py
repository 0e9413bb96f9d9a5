"""Obligations say how binding their date is, and what they were before is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _said() -> list[sa.Column[object]]:
    return [
        sa.Column("basis", sa.String(8), nullable=True),
        sa.Column("expected", sa.Boolean(), nullable=True),
        sa.Column("local_on", sa.Date(), nullable=True),
        sa.Column("local_rule", sa.String(), nullable=True),
        sa.Column("local_source", sa.String(), nullable=True),
        sa.Column("held_from", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    with op.batch_alter_table("obligation") as table:
        for column in _said():
            table.add_column(column)
    op.create_table(
        "past_obligation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("organ_code", sa.String(18), sa.ForeignKey("organ.code"), nullable=False),
        sa.Column("report_year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_rule", sa.String(), nullable=False),
        sa.Column("due_source", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        *_said(),
        sa.Column("held_to", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("past_obligation_organ", "past_obligation", ["organ_code", "held_to"])


def downgrade() -> None:
    op.drop_index("past_obligation_organ", table_name="past_obligation")
    op.drop_table("past_obligation")
    with op.batch_alter_table("obligation") as table:
        for column in reversed(_said()):
            table.drop_column(column.name)
