"""What a server loads before it says its address: what only some pages or jobs need comes when they do."""

import json
import subprocess
import sys
from pathlib import Path

from monitor.store.database import open_database

LATER = {
    "alembic": "only a database that is to be brought up needs it",
    "bs4": "portals are looked at by jobs and trials",
    "drawsvg": "charts of the completeness report",
    "html5lib": "portals are looked at by jobs and trials",
    "httpx2": "what is sent to others",
    "joserfc": "tokens of single sign-on",
    "lxml": "documents are parsed by jobs",
    "mako": "comes with alembic",
    "monitor.rules.catalogue": "pages of reports and the report of completeness",
    "nh3": "captured documents that are shown",
    "openpyxl": "workbooks",
    "pandas": "nobody needs it",
    "parsers.reading": "documents are parsed by jobs",
    "playwright": "pictures and PDF",
    "pyarrow": "exports",
    "rich.console": "tables in a terminal",
    "scrapy": "portals are visited by jobs",
    "selectolax": "captured documents that are shown",
    "twisted": "portals are visited by jobs",
    "warcio": "evidence bundles",
}
_START = """
import json, sys
from pathlib import Path
import monitor.cli.application, monitor.cli.main_job, monitor.jobs.seasons, monitor.jobs.serving, monitor.pipeline
from monitor.access.base import KnownPortals, Record
from monitor.settings import Settings
from monitor.store.database import open_database
from monitor.web.application import make_application
from monitor.web.server import serving
folder = Path(sys.argv[1])
database = open_database("sqlite:///nianbao.sqlite", folder)
database.engine
record = Record(database, Settings(), None, "x" * 40, KnownPortals(folder))
with serving(make_application(record), "127.0.0.1", 0):
    print(json.dumps(sorted(sys.modules)))
"""


def test_a_server_starts_without_what_few_pages_need(tmp_path: Path) -> None:
    database = open_database("sqlite:///nianbao.sqlite", tmp_path)
    database.migrate()
    database.close()
    told = subprocess.run([sys.executable, "-c", _START, tmp_path], check=True, capture_output=True, timeout=60)
    loaded = set(json.loads(told.stdout))
    assert {"sqlalchemy.orm", "uvicorn", "monitor.access.reports"} <= loaded
    assert loaded & LATER.keys() == set()
