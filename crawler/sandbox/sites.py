"""Portals as sites: columns with list pages, report pages, look-alikes; two families and one that only challenges.

Family ``trs`` is static: ``index.html``, ``index_1.html``, … with ``createPageHTML``; addresses carry a date.
Family ``generic`` has a 下一页 link, an information table on the page and no date in its addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Protocol
from zlib import crc32

from crawler.clock import SHANGHAI
from crawler.sandbox.attached import DOCX
from crawler.sandbox.loopback import Page
from crawler.sandbox.pages import render

ROWS_A_PAGE = 12
VIEWER = "/js/pdfjs/web/viewer.html"
"""Where a site's viewer of files is; it names the file in its query."""
_MEDIA_TYPES = {"txt": "text/plain", "docx": DOCX, "pdf": "application/pdf", "png": "image/png"}
ROBOTS = b"User-agent: *\nDisallow: /search/\nDisallow: /admin/\n"


@dataclass(frozen=True, slots=True)
class SiteColumn:
    """A column of a portal, with what its definition says of it (see crawler.portals.definition)."""

    id: str
    name: str
    path: str
    organ: str | None = None
    covers: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A page of a column on one day: what its row and its page say. ``version`` names the state of its content.

    ``changed_on`` is the day since which the page is as it is. ``attachments`` are file name and content;
    ``framed``: the page shows them in a viewer instead of linking them.
    """

    key: str
    column: str
    listed_title: str
    shown_on: date
    in_address: date
    source: str
    version: str
    changed_on: date
    body: Callable[[], str]
    twin: bool = False
    attachments: tuple[tuple[str, bytes], ...] = ()
    framed: bool = False

    @property
    def number(self) -> int:
        """A document number that stays the same."""
        return 1_000_000 + crc32(self.key.encode()) % 9_000_000


Articles = Callable[[date], Sequence[Article]]


class PortalSite(Protocol):
    """A site with what its portal definition needs."""

    id: str
    name: str
    county_code: str
    family: str
    columns: tuple[SiteColumn, ...]

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path."""


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 0), tzinfo=SHANGHAI)


def _html_page(text: str, status: int = 200) -> Page:
    return Page(text.encode, status=status)


def not_found() -> Page:
    """The answer for a path that does not exist."""
    return _html_page("<html><head><title>404</title></head><body><h1>页面不存在</h1></body></html>", 404)


def _twin_of(path: str) -> str:
    """The second address under which TRS portals show a page."""
    return path.replace(".html", "_wap.html")


@dataclass
class CountySite:
    """The portal of one county, with its columns and what stands in them on the day it is."""

    id: str
    name: str
    county_code: str
    county: str
    family: str
    columns: tuple[SiteColumn, ...]
    articles: Articles
    today: Callable[[], date]
    _known: dict[date, _Day] = field(default_factory=dict, repr=False)

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path on the site's today; 404 where there is none."""
        path = path.split("?")[0]
        if path == "/robots.txt":
            return Page(lambda: ROBOTS, media_type="text/plain")
        if path in ("/", "/index.html"):
            return _html_page(render("home.html", title=self.name, site=self))
        if path == VIEWER:
            return _html_page(
                "<html><head><title>文档预览</title></head><body><div id='viewer'></div></body></html>"
            )
        today = self.today()
        if today not in self._known:
            self._known[today] = self._open(today)
        return self._known[today].pages.get(path, not_found())

    def report_paths(self, day: date) -> dict[str, str]:
        """The path of each article on a day, by its key."""
        if day not in self._known:
            self._known[day] = self._open(day)
        return self._known[day].paths

    # --- one day of the site --------------------------------------------------------------------------------

    def _open(self, today: date) -> _Day:
        day = _Day({}, {})
        standing = self.articles(today)
        for column in self.columns:
            rows = [article for article in standing if article.column == column.id]
            rows.sort(key=lambda article: (article.shown_on, article.number), reverse=True)
            for article in rows:
                path = self._article_path(column, article)
                day.paths[article.key] = path
                page = self._article_page(column, article)
                day.pages[path] = page
                if article.twin:
                    day.pages[_twin_of(path)] = page
                for name, content in article.attachments:
                    day.pages[self._attachment_path(path, name)] = self._attachment(article, name, content)
            self._add_lists(day, column, rows)
        return day

    def _attachment_path(self, path: str, name: str) -> str:
        return path.rsplit("/", 1)[0] + "/" + name

    def _attachment(self, article: Article, name: str, content: bytes) -> Page:
        return Page(
            lambda: content,
            media_type=_MEDIA_TYPES[name.rpartition(".")[2]],
            etag=self._etag(hashlib.sha256(content).hexdigest()),
            last_modified=_moment(article.changed_on),
        )

    def _etag(self, version: str) -> str | None:
        """TRS serves files and gives entity tags; the generic family only tells when a page was changed."""
        return f'"{hashlib.sha256(version.encode()).hexdigest()[:20]}"' if self.family == "trs" else None

    def _article_path(self, column: SiteColumn, article: Article) -> str:
        if self.family == "trs":
            day = article.in_address
            return f"{column.path}{day:%Y%m}/t{day:%Y%m%d}_{article.number}.html"
        return f"/xxgk/show/{article.number}.html"

    def _list_path(self, column: SiteColumn, index: int) -> str:
        if self.family == "trs":
            return f"{column.path}index{f'_{index}' if index else ''}.html"
        return f"{column.path}list_{index + 1}.html" if index else column.path

    def _rows(self, day: _Day, column: SiteColumn, articles: Sequence[Article]) -> list[_Row]:
        rows = []
        for article in articles:
            path = day.paths[article.key]
            link = "./" + path.removeprefix(column.path) if self.family == "trs" else path
            rows.append(_Row(link, article.listed_title, article.shown_on))
            if article.twin:
                rows.append(_Row(_twin_of(link), article.listed_title, article.shown_on))
        return rows

    def _add_lists(self, day: _Day, column: SiteColumn, articles: Sequence[Article]) -> None:
        rows = self._rows(day, column, articles)
        pages = max(1, -(-len(rows) // ROWS_A_PAGE))
        for index in range(pages):
            part = rows[index * ROWS_A_PAGE : (index + 1) * ROWS_A_PAGE]
            html = self._list_html(column, part, index, pages, len(rows))
            day.pages[self._list_path(column, index)] = Page(html.encode, etag=self._etag(html))
        if self.family == "trs":
            day.pages[column.path] = day.pages[self._list_path(column, 0)]

    # --- pages ------------------------------------------------------------------------------------------------

    def _list_html(self, column: SiteColumn, rows: Sequence[_Row], index: int, pages: int, declared: int) -> str:
        return render(
            f"{self.family}_list.html",
            title=f"{column.name}_{self.name}",
            site=self,
            column=column,
            rows=rows,
            index=index,
            pages=pages,
            declared=declared,
            list_path=lambda at: self._list_path(column, at),
        )

    def _article_page(self, column: SiteColumn, article: Article) -> Page:
        def html() -> bytes:
            title = f"{article.listed_title}_{self.name}"
            body = article.body()
            if article.framed:
                folder = self._article_path(column, article).rpartition("/")[0]
                frames = (
                    f'<iframe src="{VIEWER}?file={folder}/{name}"></iframe>' for name, _ in article.attachments
                )
                body += "\n".join(frames)
            page = render(
                f"{self.family}_article.html", title=title, site=self, column=column, article=article, body=body
            )
            return page.encode()

        return Page(
            html,
            etag=self._etag(f"{self.id}/{article.key}/{article.version}"),
            last_modified=_moment(article.changed_on),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a list page."""

    link: str
    title: str
    shown_on: date


@dataclass
class _Day:
    """What a site holds on one day: pages by path, and the path of each article by its key."""

    pages: dict[str, Page]
    paths: dict[str, str]


@dataclass
class ChallengeSite:
    """A portal behind a protection that answers everything with status 412 and a script."""

    id: str
    name: str
    county_code: str
    columns: tuple[SiteColumn, ...]
    family: str = "trs"

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The challenge, whatever is asked."""
        tag = hashlib.sha256(path.encode()).hexdigest()
        html = render("challenge.html", tag=tag)
        return Page(html.encode, status=412, headers={"Set-Cookie": f"ts_session={tag[:16]}; Path=/"})
