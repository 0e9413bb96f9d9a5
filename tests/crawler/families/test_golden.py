"""Golden pages of every family: pages as its software writes them, and beside each what is read of it.

``golden/FAMILY/asked.yaml`` names the pages of a family::

    list.html:
      what: list                       # list, answer (of a script's request), article, home
      address: http://www.qinghe.example/nb/index.html
      body: page=2                     # where it is the answer to a POST
      referer: http://…                # the page that asked, where it is an answer
      declared: 25                     # how many documents earlier pages told
      known: [http://…]                # reports the column listed before
      parameters: {column: "5"}        # those of the column's definition
      also: [hanweb]                   # other families whose marks it bears rightly

``PAGE.read.yaml`` holds what is read: rows, further pages, counts and marks of a list; title, organ, year and
date of an article. Where it is missing it is written from what the reader gives today, and the test fails: a
person then compares it with the page, line by line, before it is committed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.families.family import ListAnswer
from crawler.families.page import ListPage, PageRequest
from crawler.families.registry import FAMILIES
from crawler.text import decode_page
from crawler.visit import attachments_of
from parsers.reading import parse

GOLDEN = Path(__file__).parent / "golden"
YEARS = tuple(range(2023, 2007, -1))


def pages() -> list[Path]:
    """Every golden page that a family names."""
    found = []
    for asked in sorted(GOLDEN.glob("*/asked.yaml")):
        found += [asked.parent / name for name in yaml.safe_load(asked.read_text(encoding="utf-8"))]
    return found


def asked_of(page: Path) -> dict[str, Any]:
    """How a page was asked for."""
    asked = yaml.safe_load((page.parent / "asked.yaml").read_text(encoding="utf-8"))[page.name]
    assert isinstance(asked, dict)
    return asked


def marks_of(page: Path) -> dict[str, list[str]]:
    """The marks of each family that shows any on a page."""
    html, address = decode_page(page.read_bytes(), None), asked_of(page)["address"]
    return {name: list(marks) for name, family in FAMILIES.items() if (marks := family.marks(html, address))}


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.parent.name}/{page.name}")
def test_golden(page: Path) -> None:
    asked = asked_of(page)
    if asked["what"] in ("list", "answer"):
        found = _list(page, asked)
    elif asked["what"] == "article":
        found = _article(page, asked)
    else:
        found = {}
    if asked["what"] != "answer":
        found["marks"] = marks_of(page)
    golden = page.with_name(page.name + ".read.yaml")
    if not golden.exists():
        golden.write_text(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
        pytest.fail(f"{golden.name} was written: review it against the page, then run again")
    assert found == yaml.safe_load(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.parent.name}/{page.name}")
def test_marks_tell_the_family_and_no_other(page: Path) -> None:
    asked = asked_of(page)
    if asked["what"] == "answer":
        pytest.skip("an answer to a script bears no marks")
    assert page.parent.name in FAMILIES
    assert set(marks_of(page)) == {page.parent.name, *asked.get("also", [])} - {"generic"}


def test_every_golden_page_is_named() -> None:
    named = set(pages())
    there = {
        path
        for path in GOLDEN.glob("*/*")
        if path.is_file() and path.name != "asked.yaml" and not path.name.endswith(".read.yaml")
    }
    assert there == named


def _list(page: Path, asked: dict[str, Any]) -> dict[str, Any]:
    address = asked["address"]
    answer = ListAnswer(
        decode_page(page.read_bytes(), None),
        address,
        PageRequest(
            address,
            body=asked.get("body"),
            headers=(("referer", asked["referer"]),) if "referer" in asked else (),
        ),
        asked.get("known", ()),
        asked.get("parameters", {}),
        YEARS,
        asked.get("declared"),
    )
    read: ListPage = FAMILIES[page.parent.name].read(answer)
    told: dict[str, Any] = {
        "proof": read.proof,
        "shell": read.shell,
        "declared": read.declared,
        "declared_pages": read.declared_pages,
        "unaddressed": list(read.unaddressed),
        "pages": [_request(one) for one in read.pages],
        "rows": [
            {
                "address": row.address,
                "title": row.title,
                "kind": row.kind.value,
                "shown_on": row.shown_on and row.shown_on.isoformat(),
                **{
                    name: value
                    for name in ("organ", "organ_code", "report_year")
                    if (value := getattr(row, name)) is not None
                },
            }
            for row in read.rows
        ],
    }
    return {name: value for name, value in told.items() if value not in (None, [], False)}


def _request(request: PageRequest) -> str | dict[str, Any]:
    if request.body is None and not request.headers:
        return request.address
    told = {"address": request.address, "body": request.body, "headers": dict(request.headers)}
    return {name: value for name, value in told.items() if value}


def _article(page: Path, asked: dict[str, Any]) -> dict[str, Any]:
    report = parse(page.read_bytes())
    told = {
        "kind": report.kind.value,
        "title": report.title,
        "organ": report.organ,
        "report_year": report.report_year,
        "form": report.form,
        "published_on": report.published_on and report.published_on.isoformat(),
        "attachments": attachments_of(decode_page(page.read_bytes(), None), asked["address"]),
    }
    return {name: value for name, value in told.items() if value}
