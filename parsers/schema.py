"""The shared schema: what every parser yields and everything after it reads.

The JSON shape is the contract's part 3.1. A :class:`Report` is immutable; its cells are the printed ones,
never corrected and never invented: blank, absent, unreadable and zero are four different things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Self

Number = int | Decimal
Box = tuple[float, float, float, float]


class CellState(StrEnum):
    """What stands at the place of a cell (contract, part 2)."""

    REPORTED = "reported"
    BLANK = "blank"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


# A member of an enumeration is found ten times slower than a name, and every cell is checked against these two.
_REPORTED, _ABSENT = CellState.REPORTED, CellState.ABSENT


class DocumentKind(StrEnum):
    """What a document is. Only ``REPORT`` counts as published; look-alikes are ``OTHER``."""

    REPORT = "report"
    OTHER = "other"


class FinerKind(StrEnum):
    """What a document is, more finely than :class:`DocumentKind`; ``REPORT`` is its ``REPORT``."""

    REPORT = "report"
    INTERPRETATION = "interpretation"
    INFOGRAPHIC = "infographic"
    NOTICE = "notice"
    COVERING_LETTER = "covering_letter"
    LIST_PAGE = "list_page"
    CHALLENGE_PAGE = "challenge_page"
    EMPTY_SHELL = "empty_shell"
    OTHER = "other"


class OrganKind(StrEnum):
    """Kinds of organs, as in the ``kind`` column of the organ register."""

    TOWNSHIP = "township"
    SUBDISTRICT = "subdistrict"
    DEPARTMENT = "department"
    COUNTY = "county"
    ZONE = "zone"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


class Place(NamedTuple):
    """Where something was read, enough to find and highlight it in the original.

    Counting begins at 1. ``table``, ``row`` and ``column`` count the document's own tables and the expanded
    grid (a spanned cell stands at its first row and column); ``line`` is the line of a text file;
    ``path`` is a CSS path of the element in an HTML page, ``page`` a page of a PDF, OFD or scan, ``box`` where on
    it (left, top, right, bottom, as shares of its width and height), ``confidence`` between 0 and 1 how sure the
    recognition of a scan is. ``file`` names the file inside an archive, or the attachment of a page, it stands in.
    A report has hundreds of places, and a named tuple is made in half the time of a frozen dataclass.
    """

    table: int | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None
    page: int | None = None
    path: str | None = None
    box: Box | None = None
    confidence: float | None = None
    file: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The fields that are set."""
        return {name: value for name, value in zip(self._fields, self, strict=True) if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        get = data.get
        box = get("box")
        # A report has hundreds of them: made from a tuple it takes half the time that it takes by names.
        return tuple.__new__(
            cls,
            (
                get("table"),
                get("row"),
                get("column"),
                get("line"),
                get("page"),
                get("path"),
                tuple(box) if box else None,
                get("confidence"),
                get("file"),
            ),
        )


class _CellFields(NamedTuple):
    """The fields of :class:`Cell`."""

    key: str
    state: CellState
    value: Number | None = None
    raw: str = ""
    at: Place | None = None
    unit: str | None = None


# Reading a kept report looks up some two hundred states: a dict does that much faster than the enumeration.
_STATES = {state.value: state for state in CellState}


class Cell(_CellFields):
    """One value of the official form.

    ``raw`` is the text as printed. ``unit`` is the unit of an amount as printed in the cell or in its label
    (``元``, ``万元``), else None; an amount in 元 is given as ``value`` in 万元, because the key says so,
    and ``raw`` keeps the print. Change one with ``_replace``.
    A report has hundreds of cells, and a named tuple is made in a third of the time of a frozen dataclass.

    Raises ValueError where state, value and place contradict one another.
    """

    __slots__ = ()

    def __new__(
        cls,
        key: str,
        state: CellState,
        value: Number | None = None,
        raw: str = "",
        at: Place | None = None,
        unit: str | None = None,
    ) -> Self:
        """Checked, whoever makes it."""
        if (state is _REPORTED) != (value is not None):
            raise ValueError(f"{key}: a {state} cell cannot have the value {value!r}")
        if (state is _ABSENT) != (at is None):
            raise ValueError(f"{key}: a {state} cell cannot be at {at!r}")
        return tuple.__new__(cls, (key, state, value, raw, at, unit))

    def _replace(self, **changes: Any) -> Self:
        """The cell with other fields, checked again."""
        return type(self)(**{**self._asdict(), **changes})

    def to_json(self) -> dict[str, Any]:
        """The contract's shape; ``unit`` only where one is printed."""
        data: dict[str, Any] = {
            "value": number_to_json(self.value),
            "raw": self.raw,
            "state": self.state.value,
            "at": self.at.to_json() if self.at else {},
        }
        if self.unit:
            data["unit"] = self.unit
        return data

    @classmethod
    def from_json(cls, key: str, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        state = _STATES.get(data["state"]) or CellState(data["state"])
        at = None if state is _ABSENT else Place.from_json(data["at"])
        return cls(key, state, number_from_json(data["value"]), data["raw"], at, data.get("unit"))


@dataclass(frozen=True, slots=True)
class Section:
    """One of the six sections of the form, by its number 1 to 6; ``text`` is its prose without the tables."""

    number: int
    present: bool
    heading: str | None = None
    text: str = ""
    at: Place | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape, and the place of the heading where there is one."""
        data: dict[str, Any] = {"present": self.present, "heading": self.heading, "text": self.text}
        if self.at:
            data["at"] = self.at.to_json()
        return data

    @classmethod
    def from_json(cls, number: int, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        at = data.get("at")
        return cls(number, data["present"], data["heading"], data["text"], Place.from_json(at) if at else None)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that the prose states, with the words it stands in.

    ``negated`` marks a zero told in words (没有收到…), ``derived`` one that follows from 全部/均,
    ``cumulative`` a count since the beginning, ``approximate`` 余/约/多, ``bound`` ``at_least`` for 以上.
    ``group`` joins a stated whole and its parts (N-06): facts of one enumeration share it, and the whole
    has ``whole=True``. ``of`` says of a percentage what it is a share of, or which rate it is, as printed.
    """

    key: str
    value: Number
    unit: str
    section: int
    quote: str
    negated: bool = False
    derived: bool = False
    cumulative: bool = False
    approximate: bool = False
    bound: str | None = None
    group: str | None = None
    whole: bool = False
    of: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape; the qualities only where they hold."""
        data: dict[str, Any] = {
            "key": self.key,
            "value": number_to_json(self.value),
            "unit": self.unit,
            "section": self.section,
            "quote": self.quote,
        }
        for name in ("negated", "derived", "cumulative", "approximate", "bound", "group", "whole", "of"):
            if getattr(self, name):
                data[name] = getattr(self, name)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        values = dict(data)
        values["value"] = number_from_json(values["value"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Lint:
    """Something a strict reader met and must say: an unknown label, a shifted row, an artefact.

    ``code`` is an id of domain.md 4.6 (``L-01``…``L-05``) or a word of ours (``unknown-row``…).
    Lints about layout are about our reading first, and about the organ only where the rule says so.
    """

    code: str
    text: str
    at: Place | None = None

    def to_json(self) -> dict[str, Any]:
        """Code, text and place."""
        return {"code": self.code, "text": self.text, "at": self.at.to_json() if self.at else {}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        return cls(data["code"], data["text"], Place.from_json(data["at"]) if data["at"] else None)


@dataclass(frozen=True, slots=True)
class Report:
    """One parsed document. ``kind`` OTHER carries title and dates at most, and neither cells nor sections.

    ``document_kind`` says more finely what it is; a report's is always REPORT. ``organ_kind`` is what the printed
    name of the organ tells of it, None where it does not tell.
    ``report_year_from`` is ``title``, ``period`` (the sentence on the statistical period) or ``text``.
    ``published_from`` is ``shown``, ``meta`` or ``metadata_table`` and None without a date.
    ``form`` is ``2021``, ``2019``, ``legacy`` or None; ``cells`` holds every cell of that form.
    ``prose`` is what stands before the first section (the preface), ``signature`` not included.
    """

    kind: DocumentKind
    media_type: str
    title: str | None = None
    organ: str | None = None
    report_year: int | None = None
    report_year_from: str | None = None
    form: str | None = None
    published_on: date | None = None
    published_from: str | None = None
    preface: str = ""
    sections: Mapping[int, Section] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)
    narrative: tuple[Fact, ...] = ()
    lints: tuple[Lint, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    document_kind: FinerKind = FinerKind.OTHER
    organ_kind: OrganKind | None = None

    def __post_init__(self) -> None:
        if self.kind is DocumentKind.REPORT:
            object.__setattr__(self, "document_kind", FinerKind.REPORT)
        for name in ("sections", "cells", "metadata"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def to_json(self) -> dict[str, Any]:
        """The contract's shape without ``file``, ``sha256`` and ``findings``; ``warnings`` tell the lints."""
        return {
            "media_type": self.media_type,
            "kind": self.kind.value,
            "document_kind": self.document_kind.value,
            "title": self.title,
            "organ": self.organ,
            "organ_kind": self.organ_kind.value if self.organ_kind else None,
            "report_year": self.report_year,
            "report_year_from": self.report_year_from,
            "form": self.form,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "published_from": self.published_from,
            "preface": self.preface,
            "sections": {str(number): section.to_json() for number, section in self.sections.items()},
            "cells": {key: cell.to_json() for key, cell in self.cells.items()},
            "narrative": [fact.to_json() for fact in self.narrative],
            "lints": [lint.to_json() for lint in self.lints],
            "warnings": [f"{lint.code}: {lint.text}" for lint in self.lints],
            "metadata": dict(self.metadata),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        return cls(
            kind=DocumentKind(data["kind"]),
            media_type=data["media_type"],
            title=data["title"],
            organ=data["organ"],
            report_year=data["report_year"],
            report_year_from=data["report_year_from"],
            form=data["form"],
            published_on=date.fromisoformat(data["published_on"]) if data["published_on"] else None,
            published_from=data["published_from"],
            preface=data["preface"],
            sections={int(n): Section.from_json(int(n), section) for n, section in data["sections"].items()},
            cells={key: Cell.from_json(key, cell) for key, cell in data["cells"].items()},
            narrative=tuple(Fact.from_json(fact) for fact in data["narrative"]),
            lints=tuple(Lint.from_json(lint) for lint in data["lints"]),
            metadata=data["metadata"],
            # Versions stored by an earlier parser do not say them.
            document_kind=FinerKind(data.get("document_kind", FinerKind.OTHER)),
            organ_kind=OrganKind(data["organ_kind"]) if data.get("organ_kind") else None,
        )


class UnreadableDocument(ValueError):
    """The bytes are no document we can read; the message is one readable line with the reason."""


def number_to_json(value: Number | None) -> int | float | None:
    """An int as it is; a decimal as the float that prints the same digits.

    Raises ValueError where a float cannot hold the digits (more than 15): a number is never altered.
    """
    if value is None or isinstance(value, int):
        return value
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than JSON numbers keep")
    return number


def number_from_json(value: float | None) -> Number | None:
    """The reverse of :func:`number_to_json`."""
    if value is None or isinstance(value, int):
        return value
    return Decimal(repr(value))
