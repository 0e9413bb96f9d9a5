"""Makes the reports in this folder anew: ``python -m tests.parsers.containers.make`` (needs LibreOffice).

The reports come from the sandbox's generator or print a different number in every cell; LibreOffice writes them as
Word, OpenDocument, RTF, Excel and PDF files. The tests read the files that stand here and need no LibreOffice.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from crawler.sandbox.generator import generate
from crawler.sandbox.markup import Body, render_body
from crawler.sandbox.season import organ_named
from parsers.forms import load_form

FOLDER = Path(__file__).parent
WRITER = ("docx", "doc", "rtf", "odt", "pdf")
SHEETS = ("xlsx", "xls", "ods")
_HEAD = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: "Noto Serif CJK SC" }} table {{ border-collapse: collapse; width: 100% }}
td {{ border: 1px solid #000; padding: 2pt; font-size: 9pt }} p {{ margin: 2pt 0 }}</style></head><body>
{body}</body></html>"""
# What some cells print instead of a plain number: the print, the value, the state.
ODD_PRINTS: Mapping[str, tuple[str, int | None, str]] = {
    "section_two.regulations.issued": ("", None, "blank"),
    "section_two.regulations.repealed": ("/", None, "blank"),
    "section_two.regulations.in_force": ("—", None, "blank"),
    "section_two.normative_documents.in_force": ("22（其中修订16件）", 22, "reported"),
    "section_two.licensing.decisions": ("1,234", 1234, "reported"),
    "section_two.penalty.decisions": ("１５", 15, "reported"),
    "section_three.new_received.research": ("", None, "blank"),
    "section_three.carried_over.natural_person": ("3 4", None, "unreadable"),
    "section_three.granted.ngo": ("\u3000", None, "blank"),
    "section_four.review.other": ("/", None, "blank"),
}


Prints = dict[str, tuple[str, int | float | None, str]]


def reports() -> dict[str, tuple[str, Prints]]:
    """Name to HTML and, by cell key, print, value and state."""
    found: dict[str, tuple[str, Prints]] = {}
    cells: Prints
    for name, organ, year in (
        ("department_2023", "澄溪县财政局", 2023),
        ("town_2020", "茶亭镇", 2020),
    ):
        made = generate(organ_named(organ), year)
        cells = {key: (str(value), _plain(value), "reported") for key, value in made.truth.cells.items()}
        found[name] = (_HEAD.format(title=made.title, body=made.body), cells)
    form = load_form("2021")
    numbered = {key: str(1000 + place) for place, key in enumerate(form.cells)}
    title = "清溪镇2022年政府信息公开工作年度报告"
    body = Body(
        ("根据《中华人民共和国政府信息公开条例》，编制本报告。",),
        dict.fromkeys(range(1, 7), ("本年度工作正常。",)),
    )
    html = render_body(title, body, "2021", {key: int(value) for key, value in numbered.items()})
    cells = {key: (value, int(value), "reported") for key, value in numbered.items()}
    found["numbered_2022"] = (_HEAD.format(title=title, body=html), dict(cells))
    for key, (text, value, state) in ODD_PRINTS.items():
        html, count = re.subn(rf"(?<=>){numbered[key]}(?=<)", text or "&nbsp;", html)
        assert count == 1, key
        cells[key] = (text, value, state)
    found["odd_prints_2022"] = (_HEAD.format(title=title, body=html), cells)
    return found


def _plain(value: object) -> int | float:
    return value if isinstance(value, int) else float(str(value))


def _convert(source: Path, kind: str, target: Path, profile: Path, *more: str) -> None:
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{profile}", *more, "--convert-to", kind,
         "--outdir", str(target), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip


def main() -> None:
    """Write every report in every container beside this file."""
    with tempfile.TemporaryDirectory() as work:
        scratch = Path(work)
        for name, (html, cells) in reports().items():
            page = scratch / f"{name}.html"
            page.write_text(html, encoding="utf-8")
            (FOLDER / f"{name}.html").write_text(html, encoding="utf-8")
            lines = ",\n".join(
                f" {json.dumps(key)}: {json.dumps(list(cell), ensure_ascii=False)}" for key, cell in cells.items()
            )
            (FOLDER / f"{name}.cells.json").write_text("{\n" + lines + "\n}\n", encoding="utf-8")
            _convert(page, "odt", FOLDER, scratch / "profile", "--infilter=HTML (StarWriter)")
            for kind in WRITER:
                if kind != "odt":
                    _convert(FOLDER / f"{name}.odt", kind, FOLDER, scratch / "profile")
            for kind in SHEETS:
                _convert(page, kind, FOLDER, scratch / "profile", "--infilter=HTML (StarCalc)")


if __name__ == "__main__":
    main()
