"""What a list says of a report outside its title: organ, organ code and report year."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ENTRY = (("organ", sa.String()), ("organ_code", sa.String()), ("report_year", sa.Integer()))
_SIGHTING = (("listed_organ", sa.String()), ("listed_organ_code", sa.String()), ("listed_year", sa.Integer()))


def upgrade() -> None:
    for table, columns in (("entry", _ENTRY), ("sighting", _SIGHTING)):
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, columns in (("entry", _ENTRY), ("sighting", _SIGHTING)):
        with op.batch_alter_table(table) as changed:
            for name, _ in columns:
                changed.drop_column(name)
