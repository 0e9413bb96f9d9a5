"""What changed since a county was assessed, what its assessment rests on, and indexes to read one county alone."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UNSETTLED = sa.text("organ_code IS NULL OR report_year IS NULL")


def upgrade() -> None:
    op.create_table(
        "change_mark",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("latest", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "county_assessment",
        sa.Column("county_code", sa.String(6), primary_key=True),
        sa.Column("grounds", sa.String(64), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_on_passes", sa.Boolean(), nullable=False),
        sa.Column("beside", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
    )
    op.create_index(
        "report_version_unsettled",
        "report_version",
        ["county_code"],
        sqlite_where=_UNSETTLED,
        postgresql_where=_UNSETTLED,
    )
    op.drop_index("sighting_kind", "sighting")
    op.create_index("sighting_kind", "sighting", ["kind", "portal_id"])
    op.drop_index("entry_kind", "entry")
    op.create_index("entry_kind", "entry", ["kind", "portal_id"])
    op.drop_index("ix_run_portal_id", "run")
    op.create_index("run_portal", "run", ["portal_id", "started_at"])
    op.drop_index("ix_finding_matter_severity", "finding")
    # The alerts of an organ are those of its county, wherever its report stands.
    op.execute(
        "UPDATE alert SET county_code = (SELECT organ.county_code FROM organ WHERE organ.code = alert.organ_code)"
        " WHERE organ_code IN (SELECT code FROM organ)"
    )


def downgrade() -> None:
    op.create_index("ix_finding_matter_severity", "finding", ["matter_severity"])
    op.drop_index("run_portal", "run")
    op.create_index("ix_run_portal_id", "run", ["portal_id"])
    op.drop_index("entry_kind", "entry")
    op.create_index("entry_kind", "entry", ["kind"])
    op.drop_index("sighting_kind", "sighting")
    op.create_index("sighting_kind", "sighting", ["kind"])
    op.drop_index("report_version_unsettled", "report_version")
    op.drop_table("county_assessment")
    op.drop_table("change_mark")
