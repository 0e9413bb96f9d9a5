"""Makes a backup: rows first, in one state of the database, then the captures and logs, which only grow.

So whatever a row names is in the backup too. A second backup into the same folder copies only what is new.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from crawler.captures import Archive, DamagedCapture, MissingCapture
from crawler.clock import Clock
from monitor.backup.layout import (
    DEFINITIONS,
    LOGS,
    MANIFEST,
    SECRETS,
    BackupError,
    Contents,
    Manifest,
    Part,
    PartWriter,
    file_path,
    read_contents,
    read_manifest,
    write_whole,
)
from monitor.language import N_, spoken_language, translate
from monitor.settings import Settings
from monitor.store import dumps
from monitor.store.database import Database

_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was made: ``added`` captures were new in it; ``damaged`` could not be kept, ``lost`` are not
    in the archive although the record rests on them."""

    manifest: Manifest
    added: int
    damaged: tuple[str, ...]
    lost: int


def take(
    folder: Path,
    database: Database,
    archive: Archive,
    settings: Settings,
    clock: Clock,
    settings_file: Path | None,
    *,
    with_secrets: bool = False,
) -> Taken:
    """Writes a backup into ``folder``, which is made where it is not there.

    Raises BackupError, StoreError, and OSError where the folder cannot be written.
    """
    revision = database.revision
    _refuse_foreign(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        before = _contents_before(folder)
        part, rows, in_use = _rows(folder, database, revision)
        captures, added, damaged = _captures(folder, archive)
        files = _logs(folder, archive, before)
        for name, path in _others(settings, settings_file, with_secrets=with_secrets):
            files[name] = _keep(folder, path.read_bytes(), _PRIVATE)
        contents = _contents(folder, captures, files)
        _force_to_disk(folder)
        manifest = Manifest(
            made_at=clock.now().isoformat(timespec="seconds"),
            program=version("nianbao"),
            revision=revision,
            database=part,
            contents=contents,
            rows=rows,
            captures=len(captures),
            files=len(files),
            settings_file=str(settings_file.absolute()) if settings_file else None,
            with_secrets=with_secrets,
        )
        write_whole(folder / MANIFEST, manifest.as_bytes(), _PRIVATE)
        _force_to_disk(folder)
        _sweep(folder, manifest, files)
    return Taken(manifest, added, tuple(damaged), len(in_use - captures - set(damaged)))


def secret_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The files with secrets that the settings name, and by what name a backup keeps each."""
    named = [("web-secret", settings.web.secret_file), ("mail-password", settings.mail.password_file)]
    named += [(f"channel-{one.name}", one.address_file) for one in settings.notify.channels]
    for name, path in named:
        if path is not None:
            yield SECRETS + name, settings.path(path)


def definition_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """The files that staff wrote: definitions of portals, due-date rules, working days."""
    portals = settings.path(settings.crawl.portals)
    for path in sorted(portals.glob("*")):
        if path.suffix in (".yaml", ".yml") and path.is_file():
            yield f"{DEFINITIONS}portals/{path.relative_to(portals).as_posix()}", path
    for name, given in (("due-rules", settings.watch.due_rules), ("working-days", settings.notify.working_days)):
        if given is not None:
            yield DEFINITIONS + name, settings.path(given)


def _refuse_foreign(folder: Path) -> None:
    """Raises BackupError where the folder is somebody else's: it would be swept."""
    if folder.is_file():
        raise _error(N_("{folder} 是一个文件；请指定一个目录"), folder)
    ours = ("captures", "files", "lock", MANIFEST)
    strange = [
        path.name
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.name not in ours and not path.name.startswith((".", "database-", "contents-"))
    ]
    if strange:
        raise _error(N_("{folder} 中有别的文件（{name}）；请指定一个空目录或以前的备份"), folder, strange[0])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise _error(N_("另一个进程正在往 {folder} 备份；请等它结束"), folder) from None
    finally:
        os.close(descriptor)


def _contents_before(folder: Path) -> Contents:
    with suppress(BackupError):
        return read_contents(folder, read_manifest(folder))
    return Contents()


def _rows(folder: Path, database: Database, revision: str) -> tuple[Part, dict[str, int], set[str]]:
    writer = PartWriter(folder, "database")
    with database.reading() as session:
        rows = dumps.dump(session, revision, writer.write)
        in_use = set(dumps.captures_in_use(session))
    return writer.keep(), rows, in_use


def _captures(folder: Path, archive: Archive) -> tuple[set[str], int, list[str]]:
    target = Archive(folder / "captures")
    kept: set[str] = set()
    added, damaged = 0, []
    for digest in archive.digests():
        if not target.has(digest):
            try:
                data = archive.get(digest)
            except MissingCapture:
                continue  # pruned meanwhile
            except DamagedCapture:
                damaged.append(digest)
                continue
            target.put(data)
            added += 1

        kept.add(digest)
    target.sync()
    return kept, added, damaged


def _logs(folder: Path, archive: Archive, before: Contents) -> dict[str, str]:
    """The logs of the runs, and what crashes left beside them. One that only grew is kept anew."""
    files: dict[str, str] = {}
    for path in archive.log_files():
        name = LOGS + path.name
        known = before.files.get(name)
        try:
            if known and file_path(folder, known).stat().st_size == path.stat().st_size:
                files[name] = known
            else:
                data = path.read_bytes()
                if path.suffix == ".jsonl":
                    data = data[: data.rfind(b"\n") + 1]  # what is half written belongs to no backup
                files[name] = _keep(folder, data)
        except FileNotFoundError:
            continue  # pruned meanwhile
    return files


def _others(settings: Settings, settings_file: Path | None, *, with_secrets: bool) -> Iterator[tuple[str, Path]]:
    yield from definition_files(settings)
    if with_secrets:
        if settings_file is not None:
            yield SECRETS + "settings", settings_file
        yield from (pair for pair in secret_files(settings) if pair[1].is_file())


def _keep(folder: Path, data: bytes, mode: int = 0o644) -> str:
    digest = hashlib.sha256(data).hexdigest()
    path = file_path(folder, digest)
    if not path.exists() or path.stat().st_size != len(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{digest}.tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.rename(path)
    return digest


def _contents(folder: Path, captures: set[str], files: dict[str, str]) -> Part:
    writer = PartWriter(folder, "contents")
    for digest in sorted(captures):
        writer.write(json.dumps({"capture": digest}).encode() + b"\n")
    for name in sorted(files):
        writer.write(json.dumps({"file": name, "sha256": files[name]}, ensure_ascii=False).encode() + b"\n")
    return writer.keep()


def _force_to_disk(folder: Path) -> None:
    Archive(folder).force_to_disk()


def _sweep(folder: Path, manifest: Manifest, files: dict[str, str]) -> None:
    """Takes away what earlier backups left. Captures stay: that one is gone may be a fault that nobody saw yet."""
    named = {manifest.database.name, manifest.contents.name}
    for path in folder.iterdir():
        left = path.name.startswith(("database-", "contents-")) and path.name not in named
        if left or path.name.endswith(".tmp"):
            path.unlink()
    wanted = set(files.values())
    for path in (folder / "files").glob("*/*"):
        if path.name not in wanted:
            path.unlink()


def _error(text: str, folder: Path, name: str = "") -> BackupError:
    return BackupError(translate(text, spoken_language(), {"folder": folder, "name": name}))
