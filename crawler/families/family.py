"""What a family of portal software is: an id, marks it is known by, and a reader of its list pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from crawler.families.page import ListPage, PageRequest


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """What came back for a page of a column's list.

    ``text`` is the decoded body (a web page, JSON or XML); ``address`` where it was found after redirects;
    ``request`` what was asked. ``known`` are the addresses of reports that the column listed before.
    ``parameters`` are those of the column's definition. ``years`` are the report years that may have been
    published by now, the newest first. ``declared`` is how many documents earlier pages said the column has.
    ``rendered``: ``text`` is what a browser built of the page with its scripts.
    """

    text: str
    address: str
    request: PageRequest
    known: Collection[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    declared: int | None = None
    rendered: bool = False

    @classmethod
    def of(cls, text: str, address: str, known: Collection[str] = ()) -> ListAnswer:
        """An answer to a plain request that led nowhere else."""
        return cls(text, address, PageRequest(address), known)


Reader = Callable[[ListAnswer], ListPage]
"""Reads one page of a column's list. Pure: the same answer gives the same rows."""

Marks = Callable[[str, str], tuple[str, ...]]
"""The marks of a family on a page (its text, its address): each in a few words, none where it is another's."""


@dataclass(frozen=True, slots=True)
class Family:
    """One family of portal software.

    ``id`` stands in portal definitions. ``marks`` tells by which marks a page of a column shows that it was made
    by this software (portals.md part 10).
    """

    id: str
    read: Reader
    marks: Marks
