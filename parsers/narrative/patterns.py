"""The pattern data of ``patterns.yaml``, checked and compiled: which words make a number a fact of a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from parsers.narrative.subsections import Topic

_DATA = Path(__file__).with_name("patterns.yaml")
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]+")
_PLACEHOLDER = re.compile(r"(?<!\?P)<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Form:
    """One wording of a fact; every part that is not None must fit (``patterns.yaml`` says how)."""

    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    lead: re.Pattern[str] | None
    never: re.Pattern[str] | None
    topic: Topic | None
    fallback: bool
    units: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class FactPattern:
    """What makes a number a fact of ``keys``; see ``patterns.yaml`` for the meaning of each field."""

    keys: tuple[str, ...]
    anchors: tuple[str, ...]
    units: frozenset[str]
    forms: tuple[Form, ...]
    never: re.Pattern[str] | None
    nowhere: re.Pattern[str] | None
    tied: bool
    of_applications: bool
    category: bool
    part: bool
    any_year: bool
    only_zero: bool
    beside: str | None
    leads: bool


@dataclass(frozen=True, slots=True)
class Denial:
    """What makes words a zero of ``keys``."""

    keys: tuple[str, ...]
    unit: str
    word: str
    pattern: re.Pattern[str]
    between: re.Pattern[str] | None
    never: re.Pattern[str] | None
    tied: bool
    whole: re.Pattern[str] | None
    section: int | None
    topic: Topic | None


@dataclass(frozen=True, slots=True)
class Derived:
    """A number that follows from another one in the same paragraph: all (全部) of ``source`` were …"""

    key: str
    source: str
    pattern: re.Pattern[str]
    never: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Matters:
    """What a clause speaks of, where the next clauses leave it unsaid; see ``patterns.yaml``."""

    own: re.Pattern[str]
    other: re.Pattern[str]
    doing: re.Pattern[str]
    neutral: re.Pattern[str]
    foreign: re.Pattern[str]
    tie: re.Pattern[str]
    tie_before: re.Pattern[str]
    follows: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Words in an enumeration whose parts need not add up; see ``patterns.yaml``."""

    always: re.Pattern[str]
    channels: re.Pattern[str]
    documents: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """All of ``patterns.yaml``; ``by_unit`` gives the fact patterns that take a unit, in their order."""

    counted: tuple[str, ...]
    by_unit: Mapping[str, tuple[FactPattern, ...]]
    denials: tuple[Denial, ...]
    derived: tuple[Derived, ...]
    sources: frozenset[str]
    matters: Matters
    categories: frozenset[str]
    overlapping: Overlapping
    channels: re.Pattern[str]
    single_channel: re.Pattern[str]


@cache
def load_patterns() -> Patterns:
    """The compiled pattern data. Raises ValueError where the data is not what the reader understands."""
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    words = _expand_words(data["words"])
    counted = tuple(data["counted"])
    facts = tuple(_fact(entry, words, counted) for entry in data["facts"])
    return Patterns(
        counted=counted,
        by_unit={unit: tuple(fact for fact in facts if unit in fact.units) for unit in counted},
        denials=tuple(_denial(entry, words) for entry in data["denials"]),
        derived=tuple(
            Derived(
                entry["key"],
                entry["from"],
                re.compile(_expand(entry["pattern"], words)),
                re.compile(_expand(entry["never"], words)),
            )
            for entry in data["derived"]
        ),
        sources=frozenset(entry["from"] for entry in data["derived"]),
        matters=Matters(**{name: re.compile(_expand(text, words)) for name, text in data["matters"].items()}),
        categories=frozenset(key for fact in facts if fact.category for key in fact.keys),
        overlapping=Overlapping(
            **{name: re.compile(_expand(text, words)) for name, text in data["overlapping"].items()}
        ),
        channels=re.compile(_expand("<new_media>|<board>|网站|平台|门户", words)),
        single_channel=re.compile(_expand("<channel>", words)),
    )


def _expand_words(raw: Mapping[str, str]) -> dict[str, str]:
    words: dict[str, str] = {}
    for name, pattern in raw.items():
        # Each word may use those above it, so the data cannot refer in circles.
        words[name] = _expand(pattern, words)
    return words


def _expand(pattern: str, words: Mapping[str, str]) -> str:
    def piece(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise ValueError(f"patterns.yaml: <{match[1]}> is no word")
        return f"(?:{words[match[1]]})"

    # A folded YAML text carries blanks between its lines; the prose is read without blanks.
    return _PLACEHOLDER.sub(piece, re.sub(r"\s+", "", pattern))


def _compile(pattern: str | None, words: Mapping[str, str], frame: str = "{}") -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(frame.format(_expand(pattern, words)))


def _topic(entry: Mapping[str, Any]) -> Topic | None:
    return Topic(entry["topic"]) if "topic" in entry else None


def _keys(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(entry["keys"]) if "keys" in entry else (entry["key"],)


def _known(entry: Mapping[str, Any], names: set[str]) -> None:
    if unknown := set(entry) - names:
        raise ValueError(f"patterns.yaml: {', '.join(sorted(unknown))} is unknown in {entry}")


def _form(entry: Mapping[str, Any], words: Mapping[str, str]) -> Form:
    _known(entry, {"before", "after", "lead", "never", "topic", "fallback", "units"})
    return Form(
        before=_compile(entry.get("before"), words, "(?:{})$"),
        after=_compile(entry.get("after"), words, "(?:{})"),
        lead=_compile(entry.get("lead"), words),
        never=_compile(entry.get("never"), words),
        topic=_topic(entry),
        fallback=entry.get("fallback", False),
        units=frozenset(entry["units"]) if "units" in entry else None,
    )


def _fact(entry: Mapping[str, Any], words: Mapping[str, str], counted: tuple[str, ...]) -> FactPattern:
    names = {"key", "keys", "anchor", "units", "forms", "never", "nowhere", "tied", "of_applications"}
    names |= {"category", "part", "any_year", "only_zero", "beside"}
    _known(entry, names)
    if unknown := set(entry["units"]) - set(counted):
        raise ValueError(f"patterns.yaml: {', '.join(sorted(unknown))} is not among the counted units")
    return FactPattern(
        keys=_keys(entry),
        anchors=_plain_words(_expand(entry["anchor"], words)),
        units=frozenset(entry["units"]),
        forms=tuple(_form(form, words) for form in entry["forms"]),
        leads=any("lead" in form for form in entry["forms"]),
        never=_compile(entry.get("never"), words),
        nowhere=_compile(entry.get("nowhere"), words),
        tied=entry.get("tied", False),
        of_applications=entry.get("of_applications", False),
        category=entry.get("category", False),
        part=entry.get("part", True),
        any_year=entry.get("any_year", False),
        only_zero=entry.get("only_zero", False),
        beside=entry.get("beside"),
    )


def _plain_words(pattern: str) -> tuple[str, ...]:
    """The words of an alternation, without those that hold another: words are found faster than a pattern.

    Raises ValueError where the pattern is more than a list of words.
    """
    flat = pattern.replace("(?:", "").replace(")", "")
    # What is optional at a word's end need not be looked for.
    found = {re.sub(r".\?$", "", word) for word in flat.split("|")}
    if odd := [word for word in found if not _WORD.fullmatch(word)]:
        raise ValueError(f"patterns.yaml: the anchor {pattern} is no list of words ({odd[0]})")
    return tuple(sorted(word for word in found if not any(other != word and other in word for other in found)))


def _denial(entry: Mapping[str, Any], words: Mapping[str, str]) -> Denial:
    _known(
        entry, {"key", "keys", "unit", "word", "pattern", "between", "never", "tied", "whole", "section", "topic"}
    )
    return Denial(
        keys=_keys(entry),
        unit=entry["unit"],
        word=entry.get("word", ""),
        pattern=re.compile(_expand(entry["pattern"], words)),
        between=_compile(entry.get("between"), words),
        never=_compile(entry.get("never"), words),
        tied=entry.get("tied", False),
        whole=_compile(entry.get("whole"), words, "(?:{})"),
        section=entry.get("section"),
        topic=_topic(entry),
    )
