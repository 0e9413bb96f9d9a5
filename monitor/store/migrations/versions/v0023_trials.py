"""Trial passes and discoveries that were asked for on the pages."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trial",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("county_code", sa.String(6), nullable=False),
        sa.Column("portal_id", sa.String()),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("works", sa.Boolean()),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("definition", sa.Text()),
        sa.Column("written_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_trial_county_code", "trial", ["county_code"])


def downgrade() -> None:
    op.drop_table("trial")
