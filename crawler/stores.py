"""Bodies in an S3-compatible store, reached through fsspec (s3fs): an extra, loaded where a place names a store.

The store's address is the administrator's and nobody else's: no portal and no document has a say in it, so it
does not go through crawler.gate, and it may be a private one. Key and secret are read by each process itself, from
a file or from its environment; they are never handed on and never stand in a line for people.

A body is one object, put in one request with the digest of what is sent: there whole or not at all. Only a plain
"no such key" means that there is none; whatever else goes wrong says nothing of any body (StoreSilent).
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from time import monotonic
from typing import Any, TypeVar

from crawler.captures import HEADER_BYTES, IDENTITY, StoreAddress, StoreSilent, body_name

CONNECT_SECONDS, READ_SECONDS, TRIES = 3.0, 5.0, 2
"""So long one try may take to be connected, and to go on when nothing comes."""
SILENT_SECONDS = 5.0
"""So long nothing more is asked of a store that did not answer: one after another, all runs would wait for it."""

_KEY, _SECRET, _TOKEN = "aws_access_key_id", "aws_secret_access_key", "aws_session_token"
_LONGEST_LINE = 200
R = TypeVar("R")


class ObjectStore:
    """The bodies under ``blobs/`` behind the address, and named objects beside them."""

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        self._root = address.address.removeprefix("s3://").strip("/")

    def where(self, digest: str) -> str:
        """What people call the place of a body."""
        return f"s3://{self._body(digest)}"

    def beginning(self, digest: str) -> bytes | None:
        """See crawler.captures.Bodies, here and below."""
        path = self._body(digest)
        return self._find(path, lambda: self._files.cat_file(path, start=0, end=HEADER_BYTES))

    def read(self, digest: str) -> bytes:
        path = self._body(digest)
        data = self._find(path, lambda: self._files.cat_file(path))
        if data is None:
            raise FileNotFoundError(path)
        return data

    def write(self, digest: str, data: bytes) -> None:
        path = self._body(digest)
        self._ask(path, lambda: self._files.pipe_file(path, data))

    def drop(self, digest: str, *, really: bool) -> int | None:
        path = self._body(digest)
        if self.beginning(digest) is None:
            return None
        size = int(self._ask(path, lambda: self._files.info(path)["size"]))
        if really:
            self._ask(path, lambda: self._files.rm_file(path))
        return size

    def digests(self) -> Iterator[str]:
        listed: dict[str, Any] = {"IsTruncated": True}
        while listed["IsTruncated"]:
            listed = self._ask(f"{self._root}/blobs", partial(self._list, listed.get("NextContinuationToken")))
            names = (one["Key"].rpartition("/")[2] for one in listed.get("Contents", ()))
            yield from (name.removesuffix(".zst") for name in names if name.endswith(".zst"))

    def sync(self) -> None:
        """Nothing: what was put is kept."""

    def identity_at(self) -> str:
        """What people call the place of the archive's identity."""
        return f"s3://{self._root}/{IDENTITY}"

    def identity(self) -> str | None:
        path = f"{self._root}/{IDENTITY}"
        data = self._find(path, lambda: self._files.cat_file(path))
        return data.decode("ascii", "replace").strip() or None if data is not None else None

    def identify(self, identity: str) -> None:
        path = f"{self._root}/{IDENTITY}"
        self._ask(path, lambda: self._files.pipe_file(path, identity.encode("ascii") + b"\n"))

    def _list(self, go_on: str | None) -> dict[str, Any]:
        """A thousand names, in order."""
        bucket, _, prefix = self._root.partition("/")
        more = {"ContinuationToken": go_on} if go_on else {}
        found: dict[str, Any] = self._files.call_s3(
            "list_objects_v2", Bucket=bucket, Prefix=f"{prefix}/blobs/".lstrip("/"), **more
        )
        return found

    def _body(self, digest: str) -> str:
        return f"{self._root}/blobs/{body_name(digest)}"

    @cached_property
    def _files(self) -> Any:
        # One for all archives of a process: each has its connections. A forked process needs its own.
        key = (self._address, os.getpid())
        if key not in _open:
            _open[key] = _file_system(self._address)
        return _open[key]

    def _find(self, path: str, ask: Callable[[], bytes]) -> bytes | None:
        """The bytes of an object; None where the store says that there is no such one. Raises StoreSilent."""
        try:
            return self._ask(path, ask)
        except StoreSilent as problem:
            code = _code_of(problem.__cause__)
            if code == "NoSuchKey":
                return None
            if code == "InvalidRange":
                return b""  # there, and without a byte
            raise

    def _ask(self, path: str, ask: Callable[[], R]) -> R:
        """What the store answers. Raises StoreSilent, its cause being what the library raised."""
        silent = _silent.get(self._address)
        if silent is not None and monotonic() < silent[0] + SILENT_SECONDS:
            raise StoreSilent(silent[1])
        try:
            return ask()
        except StoreSilent:
            raise
        except Exception as problem:
            # The libraries raise a dozen kinds, and none of them says anything of a body.
            reason = " ".join(str(problem).split())[:_LONGEST_LINE] or type(problem).__name__
            line = (
                f"s3://{path}: the store of the bodies does not answer as it should ({reason}): "
                "check [store] bodies, the service and its key, then try again"
            )
            if _code_of(problem) is None:
                _silent[self._address] = (monotonic(), line)
            raise StoreSilent(line) from problem


_open: dict[tuple[StoreAddress, int], Any] = {}
_silent: dict[StoreAddress, tuple[float, str]] = {}
"""When a store last gave no answer at all, and what was said of it."""


def _file_system(address: StoreAddress) -> Any:
    """The file system of s3fs for a store. Raises StoreSilent where the extra or the key is missing."""
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise StoreSilent(
            f"{address.address}: bodies in an S3-compatible store need the package s3fs: "
            "run script/setup --s3, or install nianbao[s3]"
        ) from None
    key, secret, token = _key_of(address)
    files = S3FileSystem(
        key=key,
        secret=secret,
        token=token,
        endpoint_url=address.endpoint or None,
        # What was listed before says nothing of what is there now.
        use_listings_cache=False,
        skip_instance_cache=True,
        max_concurrency=1,
        config_kwargs={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "retries": {"total_max_attempts": TRIES, "mode": "standard"},
            # Checksums of a newer kind are asked for by AWS alone, and other services refuse them; that the
            # digest of the body is signed, and so is looked at, belongs to all.
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
            "s3": {
                "addressing_style": "path" if address.naming == "path" else "virtual",
                "payload_signing_enabled": True,
            },
        },
    )
    # It would try again by itself, on top of that.
    files.retries = 1
    return files


def _key_of(address: StoreAddress) -> tuple[str, str, str | None]:
    """Key, secret and token. Raises StoreSilent where there is no key, or its file cannot be read."""
    found: dict[str, str] = {name: os.environ.get(name.upper(), "") for name in (_KEY, _SECRET, _TOKEN)}
    if address.key_file is not None:
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(address.key_file.read_text(encoding="utf-8"))
            section = parser["default"]
        except (OSError, UnicodeDecodeError, configparser.Error, KeyError) as problem:
            # The parser's own words would show the line that it stumbled over.
            reason = problem.strerror if isinstance(problem, OSError) else "no section [default] that can be read"
            raise StoreSilent(
                f"{address.key_file}: the key of {address.address} cannot be read ({reason}): "
                f"write [default] with {_KEY} and {_SECRET}"
            ) from None
        found = {name: section.get(name, "").strip() for name in found}
    if not (found[_KEY] and found[_SECRET]):
        raise StoreSilent(
            f"{address.address}: there is no key for the store of the bodies: set [store] bodies_key_file, "
            f"or {_KEY.upper()} and {_SECRET.upper()} in the environment"
        )
    return found[_KEY], found[_SECRET], found[_TOKEN] or None


def _code_of(problem: BaseException | None) -> str | None:
    """The word by which the store refused; None where it did not answer at all."""
    for one in (problem, problem.__cause__ if problem else None):
        response = getattr(one, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
    return None
