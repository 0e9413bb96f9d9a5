"""The recogniser of text in pictures: one engine a process, its models from its own package, nothing fetched.

This is the one place that knows the engine. It speaks of lines of text with a confidence, which is that of the
weakest character: the mean of a line hides the one digit that is wrong.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rapidocr
from numpy.typing import NDArray

Image = NDArray[np.uint8]

# More threads than this gain nothing for one page.
_MOST_THREADS = 4
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}


class Text(NamedTuple):
    """A line of text, how sure its weakest character is (0 to 1)."""

    text: str
    confidence: float


class Found(NamedTuple):
    """Where a line of text stands: left, top, right, bottom in pixels, and its picture set upright."""

    left: float
    top: float
    right: float
    bottom: float
    picture: Image
    upright: bool


def recognise(pictures: Sequence[Image]) -> list[Text]:
    """The text of pictures that hold one line each, in their order."""
    if not pictures:
        return []
    result = _engine().recognize_txt(list(pictures))
    return [
        Text(text, float(min(word.confs)) if text else 0.0)
        for text, word in zip(result.txts, result.word_results, strict=True)
    ]


def find_lines(page: Image) -> list[Found]:
    """Where lines of text stand on a page; ``upright`` is False for those that are much higher than wide."""
    engine = _engine()
    result = engine._load_det_model()(page)
    if result.boxes is None:
        return []
    found = []
    for box, picture in zip(result.boxes, engine.crop_text_regions(page, result.boxes), strict=True):
        left, top = (float(value) for value in box.min(axis=0))
        right, bottom = (float(value) for value in box.max(axis=0))
        if picture.shape[0] and picture.shape[1]:
            found.append(Found(left, top, right, bottom, picture, bottom - top < 1.5 * (right - left)))
    return found


@cache
def _engine() -> Any:
    """The engine with its models named by path: a missing one is an error, never a download."""
    models = Path(rapidocr.__file__).parent / "models"
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.return_word_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            # Numbers are short: less white to the right of them is read as well, and in a third of the time.
            "Rec.rec_img_shape": [3, 48, 128],
            **{f"{part}.model_path": str(models / name) for part, name in _MODELS.items()},
        }
    )
