"""Signatures of texts by MinHash (rensa), cut into bands: texts that share a band are worth comparing.

Of texts that are 95 % the same and were edited in one place practically all pairs share one; of those edited all
over, about 98 of 100. What shares a band proves nothing: every pair is compared itself.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rensa import RMinHash

CHARACTERS = 5
"""Texts are taken as the set of their runs of so many characters."""
BANDS = 20
ROWS = 6
SEED = 42
_NUMBERS = struct.Struct(f"<{BANDS * ROWS}I")
_KEYS = struct.Struct(f"<{BANDS}I")


def signatures(texts: Sequence[str]) -> list[bytes]:
    """The signatures of texts of at least :data:`CHARACTERS` characters: a number of 32 bits for each band."""
    runs = [[text[at : at + CHARACTERS] for at in range(len(text) - CHARACTERS + 1)] for text in texts]
    return [_banded(digest) for digest in RMinHash.digests_from_token_sets(runs, BANDS * ROWS, SEED)]


def _banded(digest: Sequence[int]) -> bytes:
    packed = _NUMBERS.pack(*digest)
    width = 4 * ROWS
    return _KEYS.pack(*(zlib.crc32(packed[at : at + width]) for at in range(0, len(packed), width)))


def candidates(new: Mapping[int, bytes], known: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, int]]:
    """The pairs of ``known`` texts that share a band and of which one is ``new``, each once, the lower id first.

    ``known`` are the signatures of all texts, the new ones too, by id.
    """
    together: list[dict[int, list[int]]] = [{} for _ in range(BANDS)]
    for signature in new.values():
        for band, key in zip(together, _KEYS.unpack(signature), strict=True):
            band.setdefault(key, [])
    bands = sorted((number, _KEYS.unpack(signature)) for number, signature in known)
    for number, keys in bands:
        for band, key in zip(together, keys, strict=True):
            if (found := band.get(key)) is not None:
                found.append(number)
    # One text after the other: where thousands share their prose there are more pairs than fit into memory.
    for first, keys in bands:
        others: set[int] = set()
        for band, key in zip(together, keys, strict=True):
            if found := band.get(key):
                others.update(found[bisect_right(found, first) :])
        yield from ((first, second) for second in sorted(others) if first in new or second in new)
