"""How the document of a version is kept: JSON, compressed with a dictionary of what all reports have in common.

A report of some 50 KB of JSON says the same keys, labels and kinds of places as every other: with a dictionary
three fifths are left of what it takes without one (tests.benchmarks.report_dictionary makes it and measures that).
The number of its dictionary stands in each packed document; a dictionary that was ever used stays. What was packed
without one is read all the same.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import zstandard

NEWEST = 1
"""The number of the dictionary that is used; from 1 on."""
LEVEL = 9


def file_of(number: int) -> Path:
    """Where a dictionary lies."""
    return Path(__file__).parent / "dictionaries" / f"report_{number}.zstd"


def pack(data: Any) -> bytes:
    """Plain data as it is kept."""
    return _tools().compressor.compress(orjson.dumps(data))


def unpack(packed: bytes) -> Any:
    """The reverse of :func:`pack`. Raises zstandard.ZstdError for what is damaged."""
    number = zstandard.get_frame_parameters(packed).dict_id
    return orjson.loads(_tools().decompressor(number).decompress(packed))


@cache
def _dictionary(number: int) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(file_of(number).read_bytes())


class _Tools(threading.local):
    """What one thread packs and unpacks with; none of it may be used by two at once."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary(NEWEST))
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    def decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        """What reads documents packed with a dictionary; 0: with none."""
        if number not in self._decompressors:
            self._decompressors[number] = zstandard.ZstdDecompressor(
                dict_data=_dictionary(number) if number else None
            )
        return self._decompressors[number]


@cache
def _tools() -> _Tools:
    return _Tools()
