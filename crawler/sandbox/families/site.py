"""What portals of all families share: columns of a county, a table of pages by path, entity tags, robots.txt."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, ClassVar

from crawler.clock import SHANGHAI
from crawler.sandbox.families.content import Content, Document
from crawler.sandbox.loopback import Page
from crawler.sandbox.sites import ROBOTS, not_found


@dataclass(frozen=True, slots=True)
class FamilyColumn:
    """A column of a portal: where it stands, whose it is, what it holds, the newest document first.

    ``organ`` and ``covers`` are as in a portal's definition; ``fields`` are further ones of it
    (``first_year``, ``parameters``). ``path`` may hold ``{year}``.
    """

    id: str
    name: str
    path: str
    documents: tuple[Document, ...]
    organ: str | None = None
    covers: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)


def county_columns(
    content: Content, path: Callable[[str], str], name: str = "政府信息公开年报"
) -> tuple[FamilyColumn, ...]:
    """One flat column for all towns of a county, and one column for each of its other organs.

    ``path`` gives the path of a column from its id: ``xz`` (towns), ``bm1``, ``bm2``, …
    """
    columns = [FamilyColumn("xz", "乡镇年报", path("xz"), content.of_kinds(["township"]), covers=("township",))]
    others = [organ for organ in content.organs if organ.kind != "township"]
    for number, organ in enumerate(others, start=1):
        one = f"bm{number}"
        columns.append(FamilyColumn(one, name, path(one), content.of(organ), organ=organ.code))
    return tuple(columns)


class ContentSite(ABC):
    """A portal that shows a Content (FamilySite). A family fills in its columns, its pages and its documents.

    ``id_suffix`` tells several portals of one family apart.
    """

    family: ClassVar[str]
    id_suffix: ClassVar[str] = ""
    tells: frozenset[str] = frozenset()

    def __init__(self, content: Content, quirks: Iterable[str] = ()) -> None:
        self.content = content
        self.quirks = set(quirks)
        self.id = "-".join(filter(None, (self.family.replace("_", "-"), self.id_suffix, content.county_code)))
        self.county = content.county
        self.county_code = content.county_code
        self.name = f"{content.county}人民政府"
        self.columns = self.make_columns()

    @abstractmethod
    def make_columns(self) -> tuple[FamilyColumn, ...]:
        """The columns of the portal."""

    @abstractmethod
    def page(self, path: str) -> Page | None:
        """The page at a path (with its query) by GET, or None where there is none."""

    @abstractmethod
    def document_at(self, path: str) -> Document | None:
        """The document at a path (with its query), under whichever of its addresses."""

    @abstractmethod
    def entrances(self) -> Mapping[str, str]:
        """Paths to begin a discovery with."""

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The page at a path, a robots.txt, or 404."""
        if path == "/robots.txt":
            return Page(lambda: ROBOTS, media_type="text/plain")
        return self.page(path) or not_found()

    def definition(self, host: str) -> dict[str, Any]:
        """The right definition of this portal at ``host``."""
        columns = []
        for column in self.columns:
            given: dict[str, Any] = {
                "id": column.id,
                "name": column.name,
                "address": f"http://{host}{column.path}",
            }
            if column.organ:
                given["organ"] = column.organ
            if column.covers:
                given["covers"] = list(column.covers)
            columns.append({**given, **column.fields})
        return {
            "id": self.id,
            "name": f"{self.name}门户网站",
            "county_code": self.county_code,
            "family": self.family,
            "hosts": [host],
            "columns": columns,
        }


def text_page(text: str, media_type: str = "text/html", encoding: str = "utf-8", status: int = 200) -> Page:
    """A page of text with the entity tag of its bytes; signs that the encoding lacks are written as entities."""
    data = text.encode(encoding, "xmlcharrefreplace")
    return Page(
        lambda: data,
        status=status,
        media_type=f"{media_type}; charset={encoding}",
        etag=f'"{hashlib.sha256(data).hexdigest()[:20]}"',
    )


def document_page(document: Document, html: Callable[[], str], encoding: str = "utf-8") -> Page:
    """The page of a document, made only when it is sent; its validators come from the document."""
    return Page(
        lambda: html().encode(encoding, "xmlcharrefreplace"),
        media_type=f"text/html; charset={encoding}",
        etag=f'"{document.number}-{document.posted_on:%Y%m%d}"',
        last_modified=moment(document.posted_on),
    )


def moment(day: date) -> datetime:
    """Nine o'clock on a day."""
    return datetime.combine(day, time(9, 0), tzinfo=SHANGHAI)
