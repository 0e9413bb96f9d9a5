"""What of a report is compared with others: read, masked and signed, in several processes where there is much."""

from __future__ import annotations

import multiprocessing
import os
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import zstandard

from monitor.rules.hierarchy import KEY_CELLS
from monitor.rules.masking import SECTIONS, masked, sentence_key
from monitor.rules.thresholds import thresholds
from monitor.similarity.signatures import signatures
from monitor.similarity.texts import not_stock, own_text
from monitor.store import versions
from parsers.schema import number_to_json

WORTH_PROCESSES = 3_000
"""From so many reports at once on, reading them in several processes is faster than in this one."""
_IN_DOUBT = frozenset({"unknown-row", "unknown-column", "L-01", "L-03", "duplicate-row", "number-in-group-head"})

T = TypeVar("T")
Answer = Callable[[], T]
"""Gives what was asked for, once it is there."""
Asked = tuple[bytes, tuple[str, ...]]
"""A document as it is kept, and the names to be masked in it."""


class Prose(NamedTuple):
    """What is kept of a report to compare it: see :class:`monitor.store.tables.ComparedText`.

    ``own`` are its sentences that are no stock phrases, packed by :func:`packed`.
    """

    form: str | None
    sentences: bytes
    own: bytes
    figures: list[Any]


class Signed(NamedTuple):
    """How many characters of a text are the organ's own, and its signature where these are enough to compare."""

    characters: int
    signature: bytes | None


class Readers:
    """Reads and signs, in this process or, where much is expected, in several.

    ``workers``: processes (None: one for each processor).
    """

    def __init__(self, workers: int | None = None) -> None:
        self._processes = workers if workers is not None else os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def expect(self, reports: int) -> None:
        """That so many reports are going to be read at once: where that pays, processes are started."""
        if self._pool is None and self._processes > 1 and reports >= WORTH_PROCESSES:
            self._pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("forkserver"))

    def read(self, reports: Sequence[Asked]) -> Answer[list[Prose]]:
        """What is compared of some reports, in their order."""
        return self._ask(prose_of, reports)

    def sign(self, texts: Sequence[bytes], template: Collection[int]) -> Answer[list[Signed]]:
        """The signatures of some packed texts, in their order, without the sentences of a template."""
        return self._ask(signed, texts, template)

    def _ask(self, work: Callable[..., T], *what: object) -> Answer[T]:
        return self._pool.submit(work, *what).result if self._pool else partial(work, *what)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def prose_of(reports: Iterable[Asked]) -> list[Prose]:
    """What is compared of some reports; of those on a form without sections no prose."""
    compressor = zstandard.ZstdCompressor(level=1)
    found = []
    for document, names in reports:
        read = versions.extract(document, SECTIONS, KEY_CELLS)
        sentences = masked(read.texts, names) if read.form != "legacy" else ()
        figures = [
            number_to_json(number)
            if (number := read.numbers.get(key)) is not None
            else None
            if key in read.numbers
            else False
            for key in KEY_CELLS
        ]
        found.append(
            Prose(
                read.form,
                pack_keys(map(sentence_key, sentences)),
                packed(not_stock(sentences), compressor),
                [*figures, bool(read.lints & _IN_DOUBT)],
            )
        )
    return found


def signed(texts: Iterable[bytes], template: Collection[int]) -> list[Signed]:
    """The signatures of some packed texts without the sentences of a template, of those that are long enough."""
    decompressor = zstandard.ZstdDecompressor()
    own = [own_text(unpacked(text, decompressor), template) for text in texts]
    least = thresholds()["text_of_others"]["characters"]
    made = iter(signatures([text for text in own if len(text) >= least]))
    return [Signed(len(text), next(made) if len(text) >= least else None) for text in own]


def packed(sentences: Sequence[str], compressor: zstandard.ZstdCompressor) -> bytes:
    """Sentences as they are kept in memory."""
    return compressor.compress("\n".join(sentences).encode())


def unpacked(text: bytes, decompressor: zstandard.ZstdDecompressor) -> tuple[str, ...]:
    """The reverse of :func:`packed`."""
    found = decompressor.decompress(text).decode()
    return tuple(found.split("\n")) if found else ()


def pack_keys(keys: Iterable[int]) -> bytes:
    """Keys of sentences as they are kept."""
    return array("I", keys).tobytes()


def unpack_keys(kept: bytes) -> tuple[int, ...]:
    """The reverse of :func:`pack_keys`."""
    keys = array("I")
    keys.frombytes(kept)
    return tuple(keys)
