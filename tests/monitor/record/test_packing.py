"""How documents are kept: small, and readable for good, however they were packed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
import zstandard

from crawler.sandbox.generator import generate
from monitor.store import packing, versions
from parsers.reading import parse
from parsers.schema import Report
from tests.monitor.record.making import TOWN

EVER_USED = {1: "3e7014b8339c063ce4a33d165117d753bc2be866d211492977a978817b16451e"}
"""The dictionaries by which documents were ever packed, and their digests: none of them may change or go."""


@pytest.fixture(scope="module")
def report() -> Report:
    """A report with all its cells."""
    found = generate(TOWN, 2023)
    return parse(f"<html><body><h1>{found.title}</h1><div>{found.body}</div></body></html>".encode())


def test_a_dictionary_that_was_ever_used_stays_as_it_is() -> None:
    assert max(EVER_USED) == packing.NEWEST
    for number, digest in EVER_USED.items():
        assert hashlib.sha256(packing.file_of(number).read_bytes()).hexdigest() == digest


def test_what_was_packed_without_a_dictionary_is_read_all_the_same(report: Report) -> None:
    old = zstandard.ZstdCompressor(level=6).compress(orjson.dumps(report.to_json()))
    new = versions.pack(report)
    assert versions.unpack(old) == versions.unpack(new) == report
    assert versions.numbers(old) == versions.numbers(new)
    assert len(new) < 0.75 * len(old)


def test_many_threads_pack_and_read_at_once(report: Report) -> None:
    packed = versions.pack(report)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: versions.pack(versions.unpack(packed)), range(32))) == {packed}


def test_a_damaged_document_is_no_other_one(report: Report) -> None:
    packed = versions.pack(report)
    with pytest.raises((zstandard.ZstdError, orjson.JSONDecodeError)):
        versions.unpack(packed[: len(packed) // 2])
