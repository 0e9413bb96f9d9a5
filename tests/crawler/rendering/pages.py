"""Pages that a script fills, and the browsers of a run as the machine shows them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from crawler.rendering.leftovers import folder_of_run
from tests.crawler.website import Answers, Reply, report_page, trs_row

REASON = "列表由脚本取数填写"


def shell(script: str, head: str = "", body: str = "") -> str:
    """A list page without rows: what it shows, its script puts in."""
    return (
        f"<html><head><title>政府信息公开年报</title>{head}</head><body><h1>政府信息公开年报</h1>"
        f"<ul id='list'></ul>{body}<script>{script}</script></body></html>"
    )


FILL = """
function fill(rows) {
  const list = document.getElementById('list');
  if (!rows.length) list.innerHTML = '<li>暂无数据</li>';
  for (const [link, title, day] of rows)
    list.insertAdjacentHTML('beforeend', `<li><a href="${link}">${title}</a><span>${day}</span></li>`);
}
"""
FETCH = FILL + "fetch('/api/rows').then(r => r.json()).then(fill, () => fill([]));"


def rows_of(numbers: list[int]) -> Reply:
    """The rows as data."""
    rows = [trs_row(number) for number in numbers]
    return Reply(json.dumps(rows).encode(), media_type="application/json")


def site_of(script: str, numbers: list[int], **extra: Answers) -> dict[str, Answers]:
    """A column whose rows come from ``/api/rows``."""
    pages: dict[str, Answers] = {"/nb/": shell(script), "/api/rows": rows_of(numbers)}
    for number in numbers:
        pages[f"/nb/202401/t20240115_{number}.html"] = report_page(trs_row(number)[1], f"<p>第{number}份</p>")
    return pages | extra


def browsers_of(run_id: str) -> list[int]:
    """Processes of the browser of a run."""
    mark = os.fsencode(folder_of_run(run_id))
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
