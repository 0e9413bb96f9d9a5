"""How many cells of scanned reports are read right, left unreadable, or read wrong, and how long a page takes.

Run as ``python -m tests.benchmarks.scan_accuracy [NAME ...] [--damage WORD]``; prints a table. The golden PDFs of
``tests/parsers/containers`` and the real PDF beside the project are rendered and damaged as scans are: skew,
noise, JPEG, low resolution, a seal, a page upside down. Goals at 150 dpi with slight skew: 99 % of the cells
right, at most 0.1 % wrong but ``reported``, at most 20 seconds a page on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from parsers.documents.model import JPEG
from parsers.documents.recognition import Image
from parsers.documents.scan import read_scan
from parsers.reading import parse, read_report
from parsers.schema import CellState, Number
from tests.shared import SHARED

GOLDEN = Path(__file__).parents[1] / "parsers" / "containers"
REAL = SHARED / "real" / "reports" / "hongze_2024.pdf"


@dataclass(frozen=True, slots=True)
class Damage:
    """What happens to a page between the printer and the portal."""

    name: str
    resolution: int
    skew: float = 0.0
    noise: float = 0.0
    quality: int = 60
    contrast: float = 1.0
    seal: bool = False
    quarters: int = 0


DAMAGES = (
    Damage("150 dpi, skew 0.7", 150, 0.7, 12, 60),
    Damage("150 dpi, skew -0.5, light noise", 150, -0.5, 8, 60),
    Damage("150 dpi, skew -1.8, noise 25, JPEG 35", 150, -1.8, 25, 35),
    Damage("150 dpi, grey print", 150, 1.0, 8, 60, contrast=0.45),
    Damage("150 dpi, seal", 150, 0.3, 8, 60, seal=True),
    Damage("150 dpi, on its head", 150, 0.7, 8, 60, quarters=2),
    Damage("150 dpi, on its side", 150, 0.7, 8, 60, quarters=1),
    Damage("200 dpi, clean", 200, 0.2, 3, 85),
    Damage("110 dpi", 110, 0.0, 2, 80),
    Damage("96 dpi screenshot", 96, 0.0, 0, 90),
)


Pixels = NDArray[np.float32]


def rendered(path: Path, resolution: int) -> list[Image]:
    """The pages of a PDF as pictures."""
    document = pypdfium2.PdfDocument(path)
    return [np.asarray(page.render(scale=resolution / 72).to_numpy()[:, :, :3]).copy() for page in document]


def damaged(page: Image, damage: Damage, seed: int) -> bytes:
    """A page as a scanner would give it: a JPEG."""
    chance = np.random.default_rng(seed)
    height, width = page.shape[:2]
    picture: Pixels = 255.0 - (255.0 - page.astype(np.float32)) * np.float32(damage.contrast)
    if damage.seal:
        picture = _sealed(picture, damage.resolution, chance)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), damage.skew, 1.0)
    picture = np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=(255, 255, 255)), np.float32)
    picture += chance.normal(0, damage.noise, picture.shape).astype(np.float32)
    shown = np.rot90(np.clip(picture, 0, 255).astype(np.uint8), damage.quarters)
    _, coded = cv2.imencode(".jpg", np.ascontiguousarray(shown), [cv2.IMWRITE_JPEG_QUALITY, damage.quality])
    return coded.tobytes()


def _sealed(picture: Pixels, resolution: int, chance: np.random.Generator) -> Pixels:
    """A page with a round red stamp on it, print shining through."""
    height, width = picture.shape[:2]
    middle = (int(chance.uniform(0.5, 0.8) * width), int(chance.uniform(0.4, 0.8) * height))
    stamp = np.full(picture.shape, 255, np.uint8)
    red = (40, 40, 215)
    cv2.circle(stamp, middle, int(0.8 * resolution), red, max(int(0.04 * resolution), 2), cv2.LINE_AA)
    points = [
        (
            int(middle[0] + 0.25 * resolution * reach * np.sin(corner * np.pi / 5)),
            int(middle[1] - 0.25 * resolution * reach * np.cos(corner * np.pi / 5)),
        )
        for corner, reach in zip(range(10), (1.0, 0.4) * 5, strict=True)
    ]
    cv2.fillPoly(stamp, [np.array(points)], red, cv2.LINE_AA)
    for number in range(12):
        angle = 2 * np.pi * number / 12
        place = (
            int(middle[0] + 0.55 * resolution * np.cos(angle)),
            int(middle[1] + 0.55 * resolution * np.sin(angle)),
        )
        cv2.circle(stamp, place, int(0.07 * resolution), red, 2, cv2.LINE_AA)
    return np.asarray(np.minimum(picture, stamp.astype(np.float32)), np.float32)


def expected_cells(path: Path) -> dict[str, tuple[Number | None, str]]:
    """Value and state of every cell: of the golden file, or of the text layer."""
    golden = path.with_suffix(".cells.json")
    if golden.exists():
        cells = json.loads(golden.read_text(encoding="utf-8"), parse_float=Decimal)
        return {key: (value, state) for key, (_, value, state) in cells.items()}
    return {key: (cell.value, cell.state.value) for key, cell in parse(path.read_bytes()).cells.items()}


def measure(path: Path, damage: Damage, seed: int) -> dict[str, object]:
    """Cells right, unreadable and wrong though told as read, and seconds a page."""
    pages = [damaged(page, damage, seed + number) for number, page in enumerate(rendered(path, damage.resolution))]
    expected: Mapping[str, tuple[Number | None, str]] = expected_cells(path)
    start, busy = time.perf_counter(), time.process_time()
    cells = read_report(read_scan(pages, JPEG)).cells
    wall, cpu = time.perf_counter() - start, time.process_time() - busy
    found = {key: (cell.value, cell.state.value) for key, cell in cells.items()}
    wrong = [key for key, value in found.items() if value != expected.get(key)]
    told = [key for key in wrong if cells[key].state in (CellState.REPORTED, CellState.BLANK)]
    return {
        "report": path.stem,
        "damage": damage.name,
        "cells": len(expected),
        "right": sum(found.get(key) == value for key, value in expected.items()),
        "unreadable": sum(cells[key].state is CellState.UNREADABLE for key in wrong),
        "wrong": [f"{key}={cells[key].raw!r}" for key in told],
        "left": [f"{key}={cells[key].raw!r}" for key in wrong if key not in told],
        "seconds": round(wall / len(pages), 1),
        "cpu": round(cpu / len(pages), 1),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("names", nargs="*", help="reports, by the stem of their file")
    options.add_argument("--damage", default="", help="only damages with this word")
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--all", action="store_true", help="name the unreadable cells too")
    chosen = options.parse_args()
    paths = [*sorted(GOLDEN.glob("*.pdf")), *([REAL] if REAL.exists() else [])]
    paths = [path for path in paths if not chosen.names or path.stem in chosen.names]
    print("report | damage | cells | right | unreadable | wrong but told | s/page | CPU s/page | load")
    sums = [0, 0, 0, 0]
    for damage in DAMAGES:
        if chosen.damage not in damage.name:
            continue
        for path in paths:
            for seed in range(chosen.seeds):
                row = measure(path, damage, 100 * seed)
                wrong = row["wrong"]
                assert isinstance(wrong, list)
                counts = [int(str(row[name])) for name in ("cells", "right", "unreadable")] + [len(wrong)]
                sums = [total + count for total, count in zip(sums, counts, strict=True)]
                load = f"{os.getloadavg()[0]:.1f}"
                print(
                    row["report"], row["damage"], *counts, row["seconds"], row["cpu"], load, sep=" | ", flush=True
                )
                left = row["left"] if chosen.all else []
                assert isinstance(left, list)
                for name in (*wrong, *left):
                    print("   ", name)
    cells, right, unreadable, wrong_count = sums
    if cells:
        print(f"all | | {cells} | {right / cells:.2%} | {unreadable / cells:.2%} | {wrong_count / cells:.3%}")


if __name__ == "__main__":
    main()
