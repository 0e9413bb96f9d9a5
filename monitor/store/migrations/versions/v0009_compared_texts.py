"""What reports are compared with those of other organs by: masked texts, county templates, similar pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compared_text",
        sa.Column("version_id", sa.Integer(), sa.ForeignKey("report_version.id"), primary_key=True),
        sa.Column("organ_code", sa.String(18), nullable=False),
        sa.Column("report_year", sa.Integer(), nullable=False),
        sa.Column("county_code", sa.String(6), nullable=False),
        sa.Column("made_by", sa.String(16), nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("grounds", sa.String(16), nullable=False),
        sa.Column("twins", sa.String(16), nullable=False),
    )
    op.create_index("ix_compared_text_county_code", "compared_text", ["county_code"])
    op.create_table(
        "county_template",
        sa.Column("county_code", sa.String(6), primary_key=True),
        sa.Column("report_year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("organs", sa.Integer(), nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "similar_pair",
        sa.Column("first_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("second_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
    )
    op.create_index("similar_pair_second", "similar_pair", ["second_id"])


def downgrade() -> None:
    op.drop_index("similar_pair_second", table_name="similar_pair")
    op.drop_table("similar_pair")
    op.drop_table("county_template")
    op.drop_index("ix_compared_text_county_code", table_name="compared_text")
    op.drop_table("compared_text")
