"""Names of organs and places as people look for them, made from the register."""

import sqlalchemy as sa
from alembic import op

from monitor.registry.spelling import place_names, spelled

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "search_name",
        sa.Column("level", sa.String(10), primary_key=True),
        sa.Column("code", sa.String(18), primary_key=True),
        sa.Column("place", sa.String(6), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("pinyin", sa.String(), nullable=False),
    )
    organ = sa.table(
        "organ", sa.column("code"), sa.column("name"), sa.column("county_code"), sa.column("aliases", sa.JSON())
    )
    county = sa.table(
        "county", sa.column("code"), sa.column("name"), sa.column("prefecture"), sa.column("province")
    )
    connection = op.get_bind()
    found: dict[tuple[str, str], tuple[str, dict[str, None]]] = {}
    for code, name, place, aliases in connection.execute(sa.select(*organ.c)):
        found["organ", code] = place, dict.fromkeys((name, *(one for one in aliases if isinstance(one, str))))
    for code, *named in connection.execute(sa.select(*county.c)):
        for level, name, length in zip(("county", "prefecture", "province"), named, (6, 4, 2), strict=True):
            if name:
                part = code[:length]
                found.setdefault((level, part), (part, {}))[1].update(dict.fromkeys(place_names(name)))
    rows = []
    for (level, code), (place, names) in found.items():
        known = spelled(names)
        rows.append(
            {
                "level": level,
                "code": code,
                "place": place,
                "names": known.names,
                "initials": known.initials,
                "pinyin": known.pinyin,
            }
        )
    if rows:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("search_name")
