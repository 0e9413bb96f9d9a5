"""A portal of no known software whose lists a script builds: the page itself holds no row and no address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import orjson

from crawler.sandbox import pages
from crawler.sandbox.families.content import EMPTIED, SHORT, Content, Document
from crawler.sandbox.families.site import ContentSite, FamilyColumn, county_columns, document_page, text_page
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

TRAPS = "traps"
"""Quirk: its pages ask for addresses where a crawl must not go: other ports, other hosts, by redirect too."""

_TRAPS = (
    "http://127.0.0.1:9/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://other.example/rows.json",
    "/out",
)


class ScriptedSite(ContentSite):
    """A county's portal that only a browser can read.

    A list is asked for by POST with a signature and comes as columns of values, titles written backwards; ten rows
    at once, the others by a timer. Documents are plain pages.
    """

    family = "generic"
    tells = frozenset({"declared"})
    behind: ClassVar[frozenset[str]] = frozenset({"/static/app.js", "/static/app.css", "/gateway"})
    rows_at_once = 10

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        super().__init__(content, quirks)
        self.id = f"scripted-{content.county_code}"
        self._documents = {
            f"/gk/d/{document.number:x}.html": (column, document)
            for column in self.columns
            for document in column.documents
        }

    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The towns' column and the departments' own."""
        return county_columns(self.content, lambda one: f"/gk/{one}/")

    def definition(self, host: str) -> dict[str, Any]:
        """The right definition: generic, and shown in a browser."""
        return {**super().definition(host), "render": "列表由脚本加密取数生成，页面源码里没有任何条目"}

    def document_at(self, path: str) -> Document | None:
        """The document at a path."""
        found = self._documents.get(path)
        return found[1] if found else None

    def entrances(self) -> Mapping[str, str]:
        """Home, disclosure page, the towns' column and one of its reports."""
        report = next(document for document in self.columns[0].documents if document.is_report)
        return {
            "home": "/",
            "disclosure": "/gk/",
            "column": self.columns[0].path,
            "report": f"/gk/d/{report.number:x}.html",
        }

    def page(self, path: str) -> Page | None:
        """A front page, a shell, a document's page, the script and the style sheet."""
        if path in self._documents:
            return document_page(self._documents[path][1], lambda: self._article(path))
        if path in ("/", "/gk/"):
            return text_page(render("scripted/home.html", title=self.name, site=self))
        if path == "/static/app.js":
            script = (Path(pages.__file__).parent / "scripted" / "app.js").read_text(encoding="utf-8")
            return text_page(script, "application/javascript")
        if path == "/static/app.css":
            return text_page(".wait { color: grey }", "text/css")
        if path == "/out":
            return Page(lambda: b"", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})
        for column in self.columns:
            if path == column.path:
                traps = _TRAPS if TRAPS in self.quirks else ()
                title = f"{column.name}_{self.name}"
                return text_page(render("scripted/list.html", title=title, site=self, column=column, traps=traps))
        return None

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Page:
        """Rows of a column, for a request that is signed as the script signs it."""
        asked = orjson.loads(body) if path == "/gateway" else {}
        column = next((one for one in self.columns if one.id == asked.get("c")), None)
        if column is None or asked.get("s") != _signature(column.id, int(asked["p"])):
            return _json({"code": 403, "msg": "签名错误"}, status=403)
        documents = () if EMPTIED in self.quirks else column.documents
        begin = (int(asked["p"]) - 1) * self.rows_at_once
        rows = documents[begin : begin + self.rows_at_once]
        return _json(
            {
                "q": len(documents) + (SHORT in self.quirks),
                "k": [f"{document.number:x}" for document in rows],
                "b": [document.title[::-1] for document in rows],
                "r": [(document.shown_on - date(1970, 1, 1)).days for document in rows],
                "more": begin + self.rows_at_once < len(documents),
            }
        )

    def _article(self, path: str) -> str:
        column, document = self._documents[path]
        return render(
            "scripted/article.html",
            title=f"{document.title}_{self.name}",
            site=self,
            column=column,
            document=document,
            body=document.body(),
        )


def _signature(column: str, page: int) -> int:
    total = 7
    for letter in f"{column}|{page}|gateway":
        total = (total * 31 + ord(letter)) % 99991
    return total


def _json(data: dict[str, Any], status: int = 200) -> Page:
    return Page(lambda: orjson.dumps(data), status=status, media_type="application/json; charset=utf-8")
