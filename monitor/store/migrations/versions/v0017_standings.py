"""How obligations stood when their counties were last assessed, and the figures of counties."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_FIGURES = ("expected", "on_time", "late", "missing", "unverified", "not_due", "with_errors", "with_warnings")


def upgrade() -> None:
    op.create_table(
        "standing",
        sa.Column("organ_code", sa.String(18), sa.ForeignKey("organ.code"), primary_key=True),
        sa.Column("report_year", sa.Integer(), primary_key=True),
        sa.Column("county_code", sa.String(6), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_rule", sa.String(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("published_from", sa.String(16), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("days_late", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
    )
    op.create_index("standing_county", "standing", ["county_code", "report_year"])
    op.create_index("standing_state", "standing", ["report_year", "state", "county_code", "organ_code"])
    op.create_table(
        "county_figures",
        sa.Column("report_year", sa.Integer(), primary_key=True),
        sa.Column("county_code", sa.String(6), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*_FIGURES, "past_due")),
    )
    # The tables are empty: the next assessment goes through every county, and judges no report for it.
    op.execute("UPDATE county_assessment SET grounds = ''")


def downgrade() -> None:
    op.drop_table("county_figures")
    op.drop_index("standing_state", table_name="standing")
    op.drop_index("standing_county", table_name="standing")
    op.drop_table("standing")
