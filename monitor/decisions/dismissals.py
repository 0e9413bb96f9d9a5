"""Findings that staff have dismissed: this one was looked at, and is none.

Pure. A dismissal holds for a report (organ and year), a rule, and the operands the finding rests on: the cells as
printed, the sections, the words quoted and the numbers compared. Neither the version, nor the address, nor our
wording, nor the severity is part of that: whatever leaves the operands alone leaves the dismissal in force, and a
change of any of them is another finding.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from monitor.alerts.conditions import PrintedCell
from monitor.rules.base import Finding

REFERENCE_DIGITS = 6
_NO_OPERANDS = frozenset({"notes", "doubt", "address", "more", "limit", "likely", "candidates", "seen"})
"""Values of findings that say how sure we are, where else something stands, or that there is more; and what is
ours and not the report's: limits, names of the register that come near, how many reports came in so far."""
_BY_FORM = frozenset({"V-01", "V-02"})
"""The rules whose cells only show which form it is: their numbers are no part of what was found."""
_OF_TEXTS = frozenset({"texts", "organs", "before"})
"""The operands where whole texts were compared: how much of them is a template is decided by other reports."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Dismissal:
    """One dismissal, who gave it, when and why; ``finding`` is what was dismissed, ``fingerprint`` its operands.

    ``report_key`` is ``<organ code>/<report year>`` or ``?<address>`` of a report that is nobody's yet.
    One that was taken back has ``restored_at`` and counts no more from then on.
    """

    reference: str
    report_key: str
    county_code: str
    rule: str
    fingerprint: str
    finding: Mapping[str, Any]
    at: datetime
    by: str
    reason: str
    restored_at: datetime | None = None
    restored_by: str | None = None
    restored_reason: str | None = None
    id: int | None = None

    def about_the_same(self, finding: Finding) -> bool:
        """Whether a finding is of the same rule and place, whatever its numbers are now."""
        cells, sections = set(self.finding["cells"]), set(self.finding["sections"])
        if finding.rule != self.rule:
            return False
        if cells or finding.cells:
            return not cells.isdisjoint(finding.cells)
        return not sections or not finding.sections or not sections.isdisjoint(finding.sections)


def fingerprint(finding: Finding, cells: Mapping[str, PrintedCell]) -> str:
    """A digest of the operands of a finding. ``cells`` are those of its report as printed, at least the named."""
    facts = [finding.rule, f"sections {sorted(finding.sections)}", f"quote {_plain(finding.quote or '')}"]
    for key in sorted(set(finding.cells)):
        cell = cells.get(key)
        printed = cell is not None and finding.rule not in _BY_FORM
        facts.append(f"cell {key} {cell.state} {_plain(cell.raw)}" if cell and printed else f"cell {key}")
    values = finding.values
    if "texts" in values:
        values = {name: value for name, value in values.items() if name in _OF_TEXTS}
    # Words beside named cells are labels of the form; beside nothing they are what was found.
    facts += sorted(_values("", values, with_words=not finding.cells))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def reference_of(version_id: int, print_of_operands: str) -> str:
    """The short id by which people name a finding: the version it stands in, and what it rests on."""
    return f"{version_id}-{print_of_operands[:REFERENCE_DIGITS]}"


def read_reference(reference: str) -> tuple[int, str] | None:
    """Version and first digits of the fingerprint; None for what is no reference."""
    version, _, digits = reference.strip().lower().partition("-")
    if not version.isascii() or not version.isdigit() or not re.fullmatch(r"[0-9a-f]{6}", digits):
        return None
    return int(version), digits


def _values(name: str, value: Any, *, with_words: bool) -> Iterator[str]:
    """The numbers among the values of a finding, and the words where they are all there is, each with its name."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            if key not in _NO_OPERANDS:
                yield from _values(f"{name}.{key}", value[key], with_words=with_words)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(name, each, with_words=with_words)
    elif isinstance(value, str):
        said = _plain(value)
        yield f"{name} {said}" if with_words else f"{name} {_NUMBER.findall(said)}"
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        yield f"{name} {Decimal(str(value)).normalize():f}"


def _plain(text: str) -> str:
    """The text in one way of writing, without blanks and without the marks of where a quote was cut."""
    return "".join(unicodedata.normalize("NFKC", text.strip("…")).split())
