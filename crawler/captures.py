"""The archive: what was fetched, stored by content and never overwritten, and the logs of the runs.

Layout under one root folder::

    archive-id           what tells this archive from others; it goes where the bodies go
    blobs/ab/ab12….zst   a fetched body, compressed by zstd, named by the SHA-256 of its bytes
    runs/<run id>.jsonl  one log for each run, a record a line (crawler.records)
    locks/<portal>.lock  held while a portal is being crawled
    locks/hosts/<name>   held while a host is being visited

Where the place names a store, the bodies lie there under the same names (crawler.stores); logs and locks stay in
the folder. A body is written under a temporary name and renamed, so it is there whole or not at all. Bodies and
log are forced to disk together, in batches and at the end of a run; a log's end is only written after its bodies.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Literal, Protocol, Self

import zstandard

from crawler.records import Outcome, Record, RunFinished, RunStarted, record_from_json, record_to_json

HEADER_BYTES = 18
"""So many bytes the header of a compressed body has at most: it tells the size."""
IDENTITY = "archive-id"
"""The name of what tells an archive from others."""
_LEVEL = 3
_BATCH = 200
_BATCH_SECONDS = 5.0
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,190}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArchiveError(Exception):
    """The archive cannot do what was asked; one line that names the file and the remedy."""


class MissingCapture(ArchiveError):
    """No body lies under this digest."""


class DamagedCapture(ArchiveError):
    """What lies under this digest is not what was put there."""


class StoreSilent(ArchiveError):
    """The store of the bodies does not answer, or not as it should: nothing can be said of any body."""


class PortalBusy(ArchiveError):
    """The portal is being crawled by another process at this moment."""

    def __init__(self, portal_id: str) -> None:
        super().__init__(f"{portal_id}: is being crawled by another process: wait until that crawl has ended")
        self.portal_id = portal_id

    def __reduce__(self) -> tuple[type[PortalBusy], tuple[str]]:
        return type(self), (self.portal_id,)


class HostBusy(ArchiveError):
    """A host of the portal is being visited for another portal at this moment."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host}: is being visited for another portal: wait until that visit has ended")
        self.host = host


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """An S3-compatible store of bodies. It holds no secret, so it may be handed to other processes.

    ``address``: ``s3://bucket/prefix``. ``endpoint``: the address of the service, empty for that of AWS.
    ``key_file``: a file as the tools of AWS write it, with a key and its secret; without one both come from the
    environment. ``naming``: whether the bucket stands in the path or in the name of the host.
    """

    address: str
    endpoint: str = ""
    key_file: Path | None = None
    naming: Literal["path", "host"] = "path"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive lies: a folder of this machine, and the store of its bodies (None: in the folder too)."""

    root: Path
    store: StoreAddress | None = None

    def absolute(self) -> Place:
        """The same for a process that works in another folder."""
        return replace(self, root=self.root.absolute())


class Bodies(Protocol):
    """Compressed bodies by digest, each there whole or not at all."""

    def where(self, digest: str) -> str:
        """What people call the place of a body."""

    def beginning(self, digest: str) -> bytes | None:
        """The first bytes of a body, however few can be read; None where there is none. Raises StoreSilent."""

    def read(self, digest: str) -> bytes:
        """A body. Raises FileNotFoundError where there is none, OSError or StoreSilent where it cannot be read."""

    def write(self, digest: str, data: bytes) -> None:
        """Keep a body. Raises ArchiveError."""

    def drop(self, digest: str, *, really: bool) -> int | None:
        """Take a body away; gives its room, None where there is none. Raises ArchiveError."""

    def digests(self) -> Iterator[str]:
        """The digests of all bodies, in order. Raises StoreSilent."""

    def sync(self) -> None:
        """Force everything to disk that was written so far. Raises ArchiveError."""

    def identity_at(self) -> str:
        """What people call the place of the archive's identity."""

    def identity(self) -> str | None:
        """What stands there; None where nothing does. Raises ArchiveError."""

    def identify(self, identity: str) -> None:
        """Write it. Raises ArchiveError."""


class Archive:
    """Bodies by digest and logs by run. Many processes may use one archive at once."""

    def __init__(self, place: Place | Path) -> None:
        self.place = place if isinstance(place, Place) else Place(place)
        self.root = self.place.root
        self._runs = self.root / "runs"
        self._locks = self.root / "locks"
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    @cached_property
    def _bodies(self) -> Bodies:
        if self.place.store is None:
            return _Folder(self.root)
        # What it needs is an extra, and takes long to load.
        from crawler.stores import ObjectStore

        return ObjectStore(self.place.store)

    def put(self, data: bytes) -> str:
        """Keep a body and return its SHA-256. The same bytes are stored once; nothing is ever overwritten.

        Raises ArchiveError where the disk does not take it.
        """
        digest = hashlib.sha256(data).hexdigest()
        if self._stored_size(digest) != len(data):
            self._bodies.write(digest, self._compressor.compress(data))
        return digest

    def get(self, sha256: str) -> bytes:
        """The body under a digest.

        Raises MissingCapture, DamagedCapture where it is not what was stored, StoreSilent where nobody knows.
        """
        bodies, digest = self._bodies, _checked(sha256)
        try:
            data = self._decompressor.decompress(bodies.read(digest))
        except FileNotFoundError:
            raise MissingCapture(
                f"{bodies.where(digest)}: is not in the archive: crawl again with --full to fetch it anew"
            ) from None
        except (OSError, zstandard.ZstdError) as error:
            raise DamagedCapture(
                f"{bodies.where(digest)}: cannot be read ({error}): restore it from a backup"
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DamagedCapture(
                f"{bodies.where(digest)}: is not the document that was stored: restore it from a backup"
            )
        return data

    def drop(self, sha256: str, *, really: bool = True) -> int | None:
        """Take a body away; gives the room it took, None where there is none. Without ``really`` it stays."""
        return self._bodies.drop(_checked(sha256), really=really)

    def drop_log(self, run_id: str, *, really: bool = True) -> int | None:
        """Take the log of a run away, with what a crash left beside it; otherwise as :meth:`drop`."""
        log = self._log(run_id)
        _drop(log.with_suffix(".crash.txt"), really)
        return _drop(log, really)

    def digests(self) -> Iterator[str]:
        """The digests of all bodies, in order. Raises StoreSilent."""
        yield from self._bodies.digests()

    def has(self, sha256: str) -> bool:
        """Whether a body lies under this digest. Raises StoreSilent where nobody knows."""
        return self._bodies.beginning(_checked(sha256)) is not None

    def sync(self) -> None:
        """Force everything written so far to disk."""
        self._bodies.sync()

    @property
    def identity_at(self) -> str:
        """The file, or the object of the store, in which the archive's identity stands."""
        return self._bodies.identity_at()

    def identity(self) -> str | None:
        """What tells this archive from all others; None where it was never given. Raises ArchiveError."""
        return self._bodies.identity()

    def identify(self, identity: str) -> str:
        """Give the archive this identity where it has none; gives what it has. Raises ArchiveError."""
        if self.identity() is None:
            self._bodies.identify(identity)
        return self.identity() or identity

    def force_to_disk(self) -> None:
        """Force everything on the file system of the archive to disk, whoever wrote it."""
        _sync_file_system(self.root)

    def start_run(self, started: RunStarted) -> RunLog:
        """Begin the log of a run with its first record.

        Raises ArchiveError where a log of this id exists or cannot be written.
        """
        return RunLog(self._log(started.run_id), started)

    def resume_run(self, started: RunStarted) -> tuple[RunLog, int]:
        """Go on with the log of a run whose process died; gives the sequence number of its last record, too.

        What was half written is cut off; a run that never came to write a log begins one. Raises ArchiveError
        where the run goes on elsewhere, has an end, or its log cannot be written.
        """
        path = self._log(started.run_id)
        if not path.exists():
            return self.start_run(started), 0
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end = _end_of_last_record(descriptor)
            os.ftruncate(descriptor, end)
            if self.finish_of(started.run_id) is not None:
                raise ArchiveError(f"{path}: the run has its end; nothing can be added")
            last = max((getattr(record, "sequence", 0) for _, record in self.read_log(started.run_id)), default=0)
            log = RunLog(path, started, descriptor, begun=end > 0)
        except BlockingIOError:
            os.close(descriptor)
            raise ArchiveError(f"{path}: the run goes on in another process") from None
        except BaseException:
            os.close(descriptor)
            raise
        return log, last

    def lock_portal(self, portal_id: str) -> Lock:
        """Hold a portal for one crawl. Raises PortalBusy where another run holds it."""
        held = _lock(self._locks / f"{portal_id}.lock")
        if held is None:
            raise PortalBusy(portal_id)
        return Lock([held])

    def lock_hosts(self, hosts: Collection[str]) -> Lock:
        """Hold hosts (``name`` with all its ports, or ``name:port``) for one run: a host sees one visitor.

        Raises HostBusy, and holds none of them, where another run visits one, in whatever process.
        """
        wanted: dict[str, int] = {}
        for host in hosts:
            name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "")
            wanted[name] = fcntl.LOCK_EX if not port or wanted.get(name) == fcntl.LOCK_EX else fcntl.LOCK_SH
            if port:
                wanted[host] = fcntl.LOCK_EX
        held: list[int] = []
        for name in sorted(wanted):
            try:
                descriptor = _lock(self._locks / "hosts" / re.sub(r"[^\w.-]", "_", name), wanted[name])
            except ArchiveError:
                Lock(held).release()
                raise
            if descriptor is None:
                Lock(held).release()
                raise HostBusy(name)
            held.append(descriptor)
        return Lock(held)

    def log_files(self) -> Iterator[Path]:
        """The files of the logs, and what crashes left beside them, in order."""
        yield from sorted(path for path in self._runs.glob("*") if path.name.endswith((".jsonl", ".crash.txt")))

    def log_ids(self) -> list[str]:
        """Ids of all runs with a log, in order; ids begin with the time, so the oldest comes first."""
        return sorted(path.name.removesuffix(".jsonl") for path in self._runs.glob("*.jsonl"))

    def read_log(self, run_id: str, from_line: int = 0) -> Iterator[tuple[int, Record]]:
        """Records of a run with their line numbers, beginning at 1; the first ``from_line`` lines are passed over.

        Pass the last number read to go on where reading ended. Ends at a half-written last line, without a
        word: it is being written or never will be. Raises ArchiveError for a log that does not exist and for
        a damaged line that others follow: passing over it could turn a lost capture into a false proof.
        """
        path = self._log(run_id)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise ArchiveError(f"{path}: there is no log of this run") from None
        with file:
            damaged: int | None = None
            for number, line in enumerate(file, start=1):
                if damaged is not None:
                    raise ArchiveError(f"{path} line {damaged}: is damaged: restore the log from a backup")
                if not line.endswith(b"\n"):
                    return
                if number <= from_line:
                    continue
                try:
                    yield number, record_from_json(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    damaged = number

    def finish_of(self, run_id: str) -> RunFinished | None:
        """The last record of a run's log where it is the run's end, else None."""
        last: Record | None = None
        for line in _tail(self._log(run_id)):
            try:
                last = record_from_json(json.loads(line))
            except (ValueError, KeyError, TypeError):
                last = None
        return last if isinstance(last, RunFinished) else None

    def close_unfinished(self, now: datetime, except_ids: Collection[str] = ()) -> list[str]:
        """Close the logs of runs that died as ``crashed``; return their ids.

        A log whose process still runs is locked and left alone, and so are those of ``except_ids``. ``now``
        is the aware time to write as the end.
        """
        closed = []
        for run_id in self.log_ids():
            if run_id not in except_ids and self.finish_of(run_id) is None:
                finished = RunFinished(run_id, now, Outcome.CRASHED, "died", {})
                if self.close_run(finished):
                    closed.append(run_id)
        return closed

    def close_run(self, finished: RunFinished) -> bool:
        """Append the end to the log of a run that died without one; what was half written of it is cut off.

        False where the run still goes on, has an end already, or has no log. A log that died before its first
        record is taken away: nothing was done in its name.
        """
        path = self._log(finished.run_id)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self.finish_of(finished.run_id) is not None:
                return False
            end = _end_of_last_record(descriptor)
            if end == 0:
                path.unlink()
                return False
            os.ftruncate(descriptor, end)
            os.lseek(descriptor, 0, os.SEEK_END)
            _write_all(descriptor, _line(finished))
            os.fsync(descriptor)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def leave_note(self, run_id: str, text: str) -> None:
        """Keep what a crash said beside the run's log, for whoever looks into it.

        Where not even this can be written nothing is: the run's own error is the one to be told.
        """
        path = self._log(run_id).with_suffix(".crash.txt")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def _log(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise ArchiveError(f"{run_id!r} is not the id of a run")
        return self._runs / f"{run_id}.jsonl"

    def _stored_size(self, digest: str) -> int | None:
        """Size of the stored body as its header tells; None where none is stored or its header is damaged."""
        try:
            return zstandard.frame_content_size(self._bodies.beginning(digest) or b"")
        except zstandard.ZstdError:
            return None


class _Folder:
    """Bodies in a folder of this machine, forced to disk together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / "blobs"
        self._unsynced = 0
        self._synced_at = monotonic()

    def where(self, digest: str) -> str:
        return str(self._file(digest))

    def beginning(self, digest: str) -> bytes | None:
        try:
            with self._file(digest).open("rb", buffering=0) as file:
                return file.read(HEADER_BYTES)
        except FileNotFoundError:
            return None
        except OSError:
            return b""

    def read(self, digest: str) -> bytes:
        return self._file(digest).read_bytes()

    def write(self, digest: str, data: bytes) -> None:
        path = self._file(digest)
        temporary = path.with_name(f".{digest}.{os.getpid()}.tmp")
        try:
            _write_file(temporary, data)
            temporary.rename(path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise _unwritable(path, error) from error
        self._unsynced += 1
        if self._unsynced >= _BATCH or monotonic() - self._synced_at > _BATCH_SECONDS:
            self.sync()

    def drop(self, digest: str, *, really: bool) -> int | None:
        return _drop(self._file(digest), really)

    def digests(self) -> Iterator[str]:
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(path.name.removesuffix(".zst") for path in folder.glob("[0-9a-f]*.zst"))

    def sync(self) -> None:
        self._synced_at = monotonic()
        if not self._unsynced:
            return
        self._unsynced = 0
        _sync_file_system(self._folder)

    def identity_at(self) -> str:
        return str(self._root / IDENTITY)

    def identity(self) -> str | None:
        path = self._root / IDENTITY
        try:
            return path.read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ArchiveError(f"{path}: cannot be read ({error}): check the file and its permissions") from error

    def identify(self, identity: str) -> None:
        path = self._root / IDENTITY
        draft = path.with_name(f".{IDENTITY}.{os.getpid()}.tmp")
        try:
            _write_file(draft, identity.encode("ascii") + b"\n")
            _put_first(draft, path)
        except OSError as error:
            raise _unwritable(path, error) from error

    def _file(self, digest: str) -> Path:
        return self._folder / body_name(digest)


def body_name(digest: str) -> str:
    """The name of a body under the folder or the prefix of all bodies."""
    return f"{digest[:2]}/{digest}.zst"


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise ArchiveError(f"{digest!r} is not a SHA-256 digest")
    return digest


def _write_file(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _put_first(draft: Path, path: Path) -> None:
    """Gives a draft its name; who was first stays. Raises OSError."""
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError:
        # Shares of an office know no hard links: there who comes at the same moment comes last.
        draft.rename(path)
    draft.unlink(missing_ok=True)


class Lock:
    """What is held for one run; released by :meth:`release` or with the process, however it ends."""

    def __init__(self, descriptors: list[int]) -> None:
        self._descriptors = descriptors

    def release(self) -> None:
        """Let go of it."""
        while self._descriptors:
            os.close(self._descriptors.pop())


class RunLog:
    """The log of a run that is going on: only appended to, every record written at once, locked until closed."""

    def __init__(
        self, path: Path, started: RunStarted, descriptor: int | None = None, *, begun: bool = False
    ) -> None:
        """A new log, or one to go on with: open and locked as ``descriptor``, ``begun`` if it has records."""
        if descriptor is None:
            descriptor = _new_file(path)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._descriptor = descriptor
        self.run_id = started.run_id
        self._closed = False
        if not begun:
            self.write(started)

    @property
    def closed(self) -> bool:
        """Whether the run has its end."""
        return self._closed

    def write(self, record: Record) -> None:
        """Append a record. Raises ArchiveError where the disk does not take it or the run has its end."""
        if self._closed:
            raise ArchiveError(f"{self.run_id}: the run has its end; nothing can be added")
        size = os.fstat(self._descriptor).st_size
        try:
            _write_all(self._descriptor, _line(record))
        except OSError as error:
            # Half a line that others followed would make the whole log unreadable.
            with suppress(OSError):
                os.ftruncate(self._descriptor, size)
            raise ArchiveError(
                f"the log of {self.run_id} cannot be written ({error.strerror}): check the space"
            ) from error

    def finish(self, finished: RunFinished) -> None:
        """Write the end, force it to disk and let go of the log."""
        self.write(finished)
        os.fsync(self._descriptor)
        self.close()

    def close(self) -> None:
        """Let go of the log without an end; it then counts as that of a run that died."""
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _drop(path: Path, really: bool) -> int | None:
    try:
        size = path.stat().st_size
        if really:
            path.unlink()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unwritable(path, error) from error
    return size


def _new_file(path: Path) -> int:
    """Descriptor of a file that was not there before. Raises ArchiveError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        raise ArchiveError(f"{path}: a run of this id has its log already: take a new id") from None
    except OSError as error:
        raise _unwritable(path, error) from error


def _lock(path: Path, how: int = fcntl.LOCK_EX) -> int | None:
    """Descriptor of a lock file that is held; None where somebody else holds it. Raises ArchiveError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _unwritable(path: Path, error: OSError) -> ArchiveError:
    return ArchiveError(f"{path}: cannot be written ({error.strerror}): check space and permissions")


def _line(record: Record) -> bytes:
    text = json.dumps(record_to_json(record), ensure_ascii=False, separators=(",", ":"))
    # Half a character, as a portal's JSON may hold, has no bytes and must not cost the run its log.
    return text.encode("utf-8", "replace") + b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    """Write everything; a regular file takes a line in one call unless the disk is full."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _tail(path: Path) -> list[bytes]:
    """The last whole line of a file, if it ends in one: a list of one line or none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            length = 4096
            while True:
                file.seek(max(0, size - length))
                data = file.read()
                if not data.endswith(b"\n"):
                    return []
                start = data.rfind(b"\n", 0, -1)
                if start >= 0 or length >= size:
                    return [data[start + 1 :]]
                length *= 4
    except (FileNotFoundError, NotADirectoryError):
        return []


def _end_of_last_record(descriptor: int) -> int:
    """Offset after the last line that is a record; what follows was half written when its process died."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    end = 0
    with os.fdopen(os.dup(descriptor), "rb") as file:
        good = 0
        for line in file:
            end += len(line)
            if line.endswith(b"\n") and _is_record(line):
                good = end
    return good


def _is_record(line: bytes) -> bool:
    try:
        record_from_json(json.loads(line))
    except (ValueError, KeyError, TypeError):
        return False
    return True


def _load_syncfs() -> Callable[[int], int] | None:
    try:
        function = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int]
    function.restype = ctypes.c_int
    return lambda descriptor: int(function(descriptor))


_syncfs = _load_syncfs()


def _sync_file_system(folder: Path) -> None:
    """Force one file system to disk: one call for a whole batch instead of one for every file."""
    if _syncfs is None:
        os.sync()
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if _syncfs(descriptor) != 0:
            raise ArchiveError(f"{folder}: the disk reports an error on writing: check it before going on")
    finally:
        os.close(descriptor)
