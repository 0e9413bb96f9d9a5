"""Makes the pictures in this folder anew: ``python -m tests.parsers.scans.make`` (needs the extra ``scans``).

They are pages of the golden PDFs as a scanner or a screenshot would give them.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.scan_accuracy import GOLDEN, Damage, damaged, rendered

FOLDER = Path(__file__).parent


def main() -> None:
    """Write every picture beside this file."""
    scan = Damage("scan", 150, -0.8, 6, 45)
    for number, page in enumerate(rendered(GOLDEN / "numbered_2022.pdf", scan.resolution), 1):
        coded = np.frombuffer(damaged(page, scan, number), np.uint8)
        grey = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE))
        cv2.imwrite(str(FOLDER / f"numbered_2022_page_{number}.jpg"), grey, [cv2.IMWRITE_JPEG_QUALITY, 50])
    sealed = Damage("sealed and on its head", 130, 0.5, 3, 60, seal=True, quarters=2)
    page = rendered(GOLDEN / "town_2020.pdf", sealed.resolution)[1]
    (FOLDER / "town_2020_page_2.jpg").write_bytes(damaged(page, sealed, 3))
    page = rendered(GOLDEN / "odd_prints_2022.pdf", 100)[0]
    shot = page[150:540, 60:520]
    opacity = np.where(shot.min(axis=2) < 250, 255, 0).astype(np.uint8)
    cv2.imwrite(str(FOLDER / "odd_prints_2022_table.png"), np.dstack([shot, opacity]))


if __name__ == "__main__":
    main()
