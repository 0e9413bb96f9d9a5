"""A portal without quirks, for tests that are about something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from crawler.sandbox.families.content import Document, make_content
from crawler.sandbox.loopback import Page

COLUMN = "/zwgk/zfxxgknb/"
ROWS_A_PAGE = 10


class PlainSite:
    """A portal as TRS makes them, without its quirks: twenty reports on two list pages, and nothing else."""

    id = "plain"

    def __init__(self, county_code: str = "990101", newest: date | None = None) -> None:
        """``newest`` is the day on which the newest report was published, where it is to be another one."""
        self.content = content = make_content(county_code, towns=4, departments=0, noise=False)
        self.documents = {
            f"{COLUMN}{one.posted_on:%Y%m}/t{one.posted_on:%Y%m%d}_{one.number}.html": one
            for one in _newest_on(newest, content.documents)
        }

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """A list page, a report, or 404."""
        if path == "/robots.txt":
            return Page(lambda: b"User-agent: *\nDisallow:\n", media_type="text/plain")
        if path in self.documents:
            document = self.documents[path]
            shown = f"<h1>{document.title}</h1><p>发布时间：{document.shown_on:%Y-%m-%d}</p>"
            return _page(f"{document.title}_青禾县人民政府", shown + document.body())
        names = {COLUMN: 0, COLUMN + "index.html": 0, COLUMN + "index_1.html": 1, "/": None}
        if path not in names:
            return Page(lambda: b"<html><body><h1>404</h1></body></html>", status=404)
        index = names[path]
        if index is None:
            return _page("青禾县人民政府", "<p>青禾县位于云山市东部，全县总面积一千二百平方公里。</p>" * 30)
        chosen = list(self.documents.items())[index * ROWS_A_PAGE : (index + 1) * ROWS_A_PAGE]
        rows = "".join(
            f'<li><a href="./{address.removeprefix(COLUMN)}" title="{document.title}">{document.title}</a>'
            f"<span>{document.shown_on:%Y-%m-%d}</span></li>"
            for address, document in chosen
        )
        paging = f'<script>createPageHTML(2, {index}, "index", "html");</script>'
        return _page("政府信息公开年报_青禾县人民政府", f'<ul class="list">{rows}</ul>{paging}')


def _newest_on(day: date | None, documents: Sequence[Document]) -> Sequence[Document]:
    if day is None:
        return documents
    return (replace(documents[0], shown_on=day, posted_on=day), *documents[1:])


def _page(title: str, body: str) -> Page:
    text = f'<html><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
    return Page(text.encode)
