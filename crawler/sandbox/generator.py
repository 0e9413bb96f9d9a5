"""Makes annual reports of our own wording in both official forms, with every number known.

A report follows from (organ, report year, seed) alone. The identities of the form hold by construction, within
one report (sums of tables two to four, narrative equal to table) and from year to year (what is carried forward
is carried over, documents in force add up). What a report really says is its :class:`ReportTruth`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from types import MappingProxyType

import yaml

from crawler.sandbox.drawing import APPLICANTS, DISPUTE_BLOCKS, DISPUTE_COLUMNS, cell_keys, result_rows
from crawler.sandbox.markup import Body, render_body

Number = int | Decimal

FIRST_YEAR = 2019
"""The first report year of the forms; sums over years start here."""

_SIZES = {"township": 1, "subdistrict": 1, "zone": 1, "department": 3, "county": 10}
_CJK_NUMBERS = "一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class SandboxOrgan:
    """An invented organ (or, with a seed, the real organ of the seed).

    ``name`` is the name in the register, ``printed`` the one its titles print, ``speaks_as`` how its text says
    "we" (我镇, 我局). ``busy`` makes sure that it has applications; ``word`` that its pages come from Word.
    """

    code: str
    name: str
    kind: str
    county_code: str
    county: str
    prefecture: str
    province: str
    printed: str = ""
    speaks_as: str = "我单位"
    above: str = "县政府办公室"
    aliases: tuple[str, ...] = ()
    busy: bool = False
    word: bool = False
    listed_by_county: bool = True

    @property
    def title_name(self) -> str:
        """The name as its titles print it."""
        return self.printed or self.name


@dataclass(frozen=True, slots=True)
class ReportTruth:
    """What a generated report says, cell by cell, as printed; ``misprints`` are the cells printed wrongly.

    ``facts`` are the numbers of the prose under the contract's narrative keys.
    """

    organ_code: str
    report_year: int
    form: str
    title: str
    cells: Mapping[str, Number]
    facts: Mapping[str, int]
    misprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GeneratedReport:
    """A report: its title, its body as HTML (no page around it) and its truth."""

    title: str
    body: str
    truth: ReportTruth


def official_form(report_year: int) -> str:
    """The form in force for a report year from 2019 on: ``2019`` (60号) or ``2021`` (30号)."""
    return "2019" if report_year <= 2020 else "2021"


def report_title(organ: SandboxOrgan, report_year: int) -> str:
    """The usual title."""
    return f"{organ.title_name}{report_year}年政府信息公开工作年度报告"


def _random(organ: SandboxOrgan, seed: int, *parts: object) -> Random:
    return Random(f"{seed}/{organ.code}/" + "/".join(map(str, parts)))


@lru_cache(maxsize=4096)
def _pending_at_end_of(organ: SandboxOrgan, year: int, seed: int) -> tuple[int, ...]:
    """Applications not answered by 31 December, by kind of applicant."""
    if year < FIRST_YEAR:
        return (0,) * len(APPLICANTS)
    random = _random(organ, seed, year, "pending")
    size = _SIZES[organ.kind]
    pending = [0] * len(APPLICANTS)
    if random.random() < min(0.1 * size, 0.6):
        pending[0] = random.randint(1, size)
    if size > 1 and random.random() < 0.15:
        pending[1] = 1
    return tuple(pending)


@lru_cache(maxsize=4096)
def _documents(organ: SandboxOrgan, year: int, seed: int) -> tuple[int, int, int]:
    """Normative documents issued and repealed in ``year``, and in force at its end."""
    random = _random(organ, seed, year, "documents")
    if year < FIRST_YEAR:
        return 0, 0, random.randint(2, 4 + 2 * _SIZES[organ.kind])
    before = _documents(organ, year - 1, seed)[2]
    issued = max(0, random.randint(-2, 1 + _SIZES[organ.kind] // 3))
    repealed = random.randint(0, 1) if year > 2020 and before > 2 else 0
    return issued, repealed, before + issued - repealed


@lru_cache(maxsize=4096)
def _items(organ: SandboxOrgan, row: str, year: int, seed: int) -> int:
    """Number of items (licences, services, …) that the organ keeps at the end of ``year`` (2019 form)."""
    if year < FIRST_YEAR:
        least, most = (8, 40) if organ.kind in ("department", "county") else (0, 6)
        return _random(organ, seed, row, "items").randint(least, most)
    change = _random(organ, seed, row, year, "items").choice((-1, 0, 0, 0, 1, 2))
    return max(0, _items(organ, row, year - 1, seed) + change)


def _decisions(organ: SandboxOrgan, row: str, year: int, seed: int) -> int:
    """Decisions of a year: around the organ's own level, so that one year resembles the next.

    Licences are odd in odd years and even in even ones: no report looks like last year's handed in again.
    """
    level_random = _random(organ, seed, row, "level")
    most = {"licensing": 60, "other_services": 40, "penalty": 12, "coercion": 2}[row]
    if organ.kind not in ("department", "county"):
        most = most // 4
    level = level_random.randint(0, most * _SIZES[organ.kind])
    decisions = level * _random(organ, seed, row, year, "decisions").uniform(0.85, 1.15)
    return 2 * round(decisions / 2) + year % 2 if row == "licensing" else round(decisions)


def _section_two(organ: SandboxOrgan, year: int, form: str, seed: int) -> dict[str, Number]:
    issued, repealed, in_force = _documents(organ, year, seed)
    numbers: dict[str, Number] = {}

    def put(row: str, **columns: Number) -> None:
        for column, value in columns.items():
            numbers[f"section_two.{row}.{column}"] = value

    if form == "2021":
        put("regulations", issued=0, repealed=0, in_force=0)
        put("normative_documents", issued=issued, repealed=repealed, in_force=in_force)
        for row in ("licensing", "penalty", "coercion"):
            put(row, decisions=_decisions(organ, row, year, seed))
        put("admin_fees", amount_wan=_amount(organ, year, seed, "fees"))
        return numbers
    put("regulations", newly_made=0, newly_published=0, total_public=0)
    put("normative_documents", newly_made=issued, newly_published=issued, total_public=in_force)
    for row in ("licensing", "other_services", "penalty", "coercion"):
        before, now = _items(organ, row, year - 1, seed), _items(organ, row, year, seed)
        decisions = _decisions(organ, row, year, seed) if now else 0
        put(row, prior_year_items=before, change=now - before, decisions=decisions)
    before, now = (_items(organ, "admin_fees", one, seed) // 8 for one in (year - 1, year))
    put("admin_fees", prior_year_items=before, change=now - before)
    amount = _amount(organ, year, seed, "procurement")
    put("central_procurement", project_count=_random(organ, seed, year, "projects").randint(1, 9) if amount else 0)
    put("central_procurement", amount_wan=amount)
    return numbers


def _amount(organ: SandboxOrgan, year: int, seed: int, what: str) -> Number:
    """An amount below 1,000 万元 with at most four decimals and no trailing zero; often 0."""
    random = _random(organ, seed, year, what)
    if random.random() < (0.8 if organ.kind in ("township", "subdistrict", "zone") else 0.4):
        return 0
    decimals = random.choice((2, 4))
    amount = Decimal(random.randint(1, 999 * 10**decimals)).scaleb(-decimals).normalize()
    return int(amount) if amount == amount.to_integral_value() else amount


_RESULT_WEIGHTS = {
    "granted": 50,
    "partially_granted": 10,
    "denied_process_info": 4,
    "denied_internal_affairs": 3,
    "denied_third_party": 2,
    "denied_admin_query": 4,
    "unable_no_info": 18,
    "unable_needs_creation": 4,
    "rejected_petition": 5,
}


def _section_three(organ: SandboxOrgan, year: int, form: str, seed: int) -> dict[str, Number]:
    random = _random(organ, seed, year, "applications")
    size = _SIZES[organ.kind]
    over, forward = _pending_at_end_of(organ, year - 1, seed), _pending_at_end_of(organ, year, seed)
    results = result_rows(form)
    rows = ("new_received", "carried_over", *results, "total_results", "carried_forward")
    table = {row: dict.fromkeys((*APPLICANTS, "total"), 0) for row in rows}
    weighted = list(_RESULT_WEIGHTS)
    weights = list(_RESULT_WEIGHTS.values())
    for index, applicant in enumerate(APPLICANTS):
        drawn = 0
        if index == 0 and (organ.busy or random.random() < 0.25 * size):
            drawn = random.randint(3 if organ.busy else 1, 2 + 4 * size)
        elif index == 1 and random.random() < 0.1 * size:
            drawn = random.randint(1, size)
        received = max(drawn, forward[index] - over[index])
        answered = received + over[index] - forward[index]
        table["new_received"][applicant] = received
        table["carried_over"][applicant] = over[index]
        table["carried_forward"][applicant] = forward[index]
        table["total_results"][applicant] = answered
        for row in random.choices(weighted, weights, k=answered):
            table[row][applicant] += 1
    numbers: dict[str, Number] = {}
    for row, columns in table.items():
        columns["total"] = sum(columns.values())
        for column, value in columns.items():
            numbers[f"section_three.{row}.{column}"] = value
    return numbers


def _section_four(organ: SandboxOrgan, year: int, seed: int) -> dict[str, Number]:
    random = _random(organ, seed, year, "disputes")
    numbers: dict[str, Number] = {}
    for block in DISPUTE_BLOCKS:
        values = dict.fromkeys(DISPUTE_COLUMNS, 0)
        if random.random() < 0.03 * _SIZES[organ.kind]:
            values["upheld"] = random.randint(1, 2)
            values["corrected"] = random.randint(0, 1)
        values["total"] = sum(values.values())
        for column, value in values.items():
            numbers[f"section_four.{block}.{column}"] = value
    return numbers


def _section_one_counts(organ: SandboxOrgan, year: int, seed: int) -> dict[str, int]:
    """Items published, the whole and its parts; each part at least 1."""
    level = _random(organ, seed, "items published").randint(60, 260) * _SIZES[organ.kind]
    random = _random(organ, seed, year, "items published")
    website = round(level * random.uniform(0.55, 0.75))
    wechat = round(level * random.uniform(0.15, 0.3))
    board = round(level * random.uniform(0.05, 0.15))
    return {"total": website + wechat + board, "website": website, "wechat": wechat, "board": board}


# --- prose -----------------------------------------------------------------------------------------------------

Line = tuple[str | tuple[str, ...], ...]


@cache
def _prose() -> Mapping[str, tuple[Line, ...]]:
    """The lines of prose.yaml, each split into fixed text and choices."""
    data = yaml.safe_load((Path(__file__).parent / "prose.yaml").read_text(encoding="utf-8"))

    def split(line: str) -> Line:
        pieces = re.split(r"(\[[^\]]*\])", line)
        return tuple(tuple(piece[1:-1].split("|")) if piece[:1] == "[" else piece for piece in pieces if piece)

    return MappingProxyType({name: tuple(split(line) for line in lines) for name, lines in data.items()})


class _Writer:
    """Writes sentences: picks lines and choices with one random source and fills in the names and numbers."""

    def __init__(self, random: Random, values: Mapping[str, object]) -> None:
        self._random = random
        self._values = values

    def lines(self, name: str, count: int = 1) -> list[str]:
        """``count`` different lines of a list."""
        picked = self._random.sample(_prose()[name], count)
        return ["".join(map(self._choose, line)).format_map(self._values) for line in picked]

    def line(self, name: str) -> str:
        """One line of a list."""
        return self.lines(name)[0]

    def _choose(self, piece: str | tuple[str, ...]) -> str:
        return piece if isinstance(piece, str) else piece[int(self._random.random() * len(piece))]

    def numbered(self, name: str, count: int) -> str:
        """Lines of a list as 一是…；二是…。"""
        lines = self.lines(name, count)
        return "；".join(f"{_CJK_NUMBERS[index]}是{line}" for index, line in enumerate(lines)) + "。"


def _write(
    organ: SandboxOrgan, year: int, numbers: Mapping[str, Number], seed: int
) -> tuple[Body, dict[str, int]]:
    """The prose that goes with the numbers, and what it states."""
    counts = _section_one_counts(organ, year, seed)
    column = "section_three.{}.total".format
    received, answered = int(numbers[column("new_received")]), int(numbers[column("total_results")])
    over, forward = int(numbers[column("carried_over")]), int(numbers[column("carried_forward")])
    documents = "section_two.normative_documents."
    normative = int(numbers.get(documents + "issued", numbers.get(documents + "newly_made", 0)))
    totals = [int(numbers[f"section_four.{block}.total"]) for block in DISPUTE_BLOCKS]
    values = {
        "us": organ.speaks_as,
        "above": organ.above,
        "year": year,
        "received": received,
        "answered": answered,
        "carried_over": over,
        "carried_forward": forward,
        "normative": normative,
        **counts,
    }
    write = _Writer(_random(organ, seed, year, "prose"), values)
    facts = {"proactive_items_total": counts["total"], "applications_received": received}

    applications = [write.line("applications_received" if received else "applications_none")]
    if over:
        applications.append(write.line("carried_over"))
    if answered:
        applications.append(write.line("answered"))
        facts["applications_answered"] = answered
    if forward:
        applications.append(write.line("carried_forward"))
    supervision = [*write.lines("supervision", 4), write.line("assessment")]
    if not any(totals):
        supervision.append(write.line("no_disputes"))
    normative_line = write.line("normative_some" if normative else "normative_none")
    if normative:
        facts["normative_documents_issued_total"] = normative

    section_one = [
        write.line("overview"),
        "（一）主动公开情况",
        write.line("proactive_total") + normative_line,
        "".join(write.lines("proactive", 6)),
        "（二）依申请公开情况",
        "".join(applications),
        "".join(write.lines("on_application", 4)),
        "（三）政府信息管理情况",
        "".join(write.lines("management", 5)),
        "（四）政府信息公开平台建设情况",
        "".join(write.lines("platform", 5)),
        "（五）监督保障情况",
        "".join(supervision),
    ]
    section_five = [
        f"（一）存在的主要问题。{write.numbered('problems', 3)}",
        f"（二）改进情况。针对上述问题，{organ.speaks_as}采取以下改进措施：{write.numbered('improvements', 4)}",
    ]
    section_six = []
    if year >= 2021:
        section_six.append(write.line("fee_none"))
        facts["info_processing_fee"] = 0
    section_six.append(write.line("other"))
    if organ.kind == "county":
        # Invented numbers of a county are no sum over its invented organs, and the report says so.
        section_six.append("本报告的数据只统计县政府本级。")
    body = Body(
        preface=(write.line("preface"),),
        prose={1: tuple(section_one), 5: tuple(section_five), 6: tuple(section_six)},
    )
    return body, facts


# --- the report ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Misprint:
    """Cells that are printed with another number than the right one; ``why`` says what happened, in English."""

    why: str
    by: Mapping[str, int] = field(default_factory=dict)


def true_numbers(organ: SandboxOrgan, year: int, *, seed: int = 1, form: str | None = None) -> dict[str, Number]:
    """The right numbers of a report by cell key, in the form of its year unless another is given."""
    form = form or official_form(year)
    numbers = _section_two(organ, year, form, seed)
    numbers |= _section_three(organ, year, form, seed)
    numbers |= _section_four(organ, year, seed)
    return numbers


def generate(
    organ: SandboxOrgan,
    year: int,
    *,
    seed: int = 1,
    form: str | None = None,
    misprint: Misprint | None = None,
) -> GeneratedReport:
    """The report of ``organ`` on ``year`` (from 2019 on); always the same for the same input.

    ``form`` other than the year's own makes a report in the wrong form. ``misprint`` changes printed cells by
    the given amounts and leaves the prose as it was; KeyError for a cell that the form does not have.
    """
    form = form or official_form(year)
    numbers = true_numbers(organ, year, seed=seed, form=form)
    body, facts = _write(organ, year, numbers, seed)
    printed = dict(numbers)
    for key, difference in (misprint.by if misprint else {}).items():
        printed[key] += difference
    title = report_title(organ, year)
    html = render_body(title, body, form, printed, word=organ.word)
    truth = ReportTruth(
        organ_code=organ.code,
        report_year=year,
        form=form,
        title=title,
        cells=MappingProxyType({key: printed[key] for key in cell_keys(form)}),
        facts=MappingProxyType(facts),
        misprints=frozenset(misprint.by) if misprint else frozenset(),
    )
    return GeneratedReport(title, html, truth)
