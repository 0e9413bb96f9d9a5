"""What a backup looks like, and whether it is whole.

One folder::

    nianbao-backup.json           what belongs to the backup, with digests; written last, replaced in one step
    database-<digest>.jsonl.zst   all rows (monitor.store.dumps)
    contents-<digest>.jsonl.zst   the captures and files of the backup, one a line
    captures/                     an archive of captures (crawler.captures): only added to
    files/ab/<digest>             run logs, definitions of portals, rules; by the digest of their bytes
    lock                          held while a backup is being made

Nothing that the last whole backup names is ever written over. So a backup that is broken off leaves the one before
it as it was, and in a new folder none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import zstandard

from crawler.captures import Archive, ArchiveError
from monitor.language import N_, spoken_language, translate

MANIFEST = "nianbao-backup.json"
FORMAT = 1
LOGS, DEFINITIONS, SECRETS = "runs/", "definitions/", "secrets/"
"""How the names of files begin, by what they are."""
_CHUNK = 1 << 20


class BackupError(Exception):
    """A backup cannot be made or used; the message is one readable line."""


class NotVacant(BackupError):
    """Something stands already in the place that is to be restored into."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two large files of a backup."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to a backup. ``settings_file`` is named, but kept only where ``with_secrets`` says so."""

    made_at: str
    program: str
    revision: str
    database: Part
    contents: Part
    rows: Mapping[str, int]
    captures: int
    files: int
    settings_file: str | None = None
    with_secrets: bool = False
    format: int = field(default=FORMAT)

    def as_bytes(self) -> bytes:
        """The manifest with a digest of itself."""
        content = asdict(self)
        content["digest"] = _digest_of(content)
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"

    @property
    def digest(self) -> str:
        """What tells this backup from others."""
        return _digest_of(asdict(self))


@dataclass(frozen=True, slots=True)
class Contents:
    """The captures of a backup by digest, and its files: digest of the bytes by name."""

    captures: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the backup in a folder. Raises BackupError where there is none, or none that is whole."""
    file = folder / MANIFEST
    try:
        content = json.loads(file.read_bytes())
        digest = content.pop("digest")
        whole = digest == _digest_of(content)
        form = content["format"]
    except FileNotFoundError:
        raise _error(
            N_("{folder} 中没有完整的备份（缺 {name}）；请指定 nianbao backup 写过的目录"), folder, MANIFEST
        ) from None
    except OSError as problem:
        raise _error(N_("读不了 {name}：{reason}"), folder, file, problem.strerror or "") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _broken(folder, MANIFEST) from None
    if form != FORMAT:
        raise _error(N_("备份 {folder} 属于更新版本的 Nianbao，未作任何改动；请升级 Nianbao"), folder)
    if not whole:
        raise _broken(folder, MANIFEST)
    database, listed = (Part(**content.pop(name)) for name in ("database", "contents"))
    return Manifest(database=database, contents=listed, **content)


def read_contents(folder: Path, manifest: Manifest) -> Contents:
    """The captures and files of a backup. Raises BackupError where the list is damaged."""
    check_part(folder, manifest.contents)
    captures: set[str] = set()
    files: dict[str, str] = {}
    for line in lines_of(folder / manifest.contents.name):
        content = json.loads(line)
        if "capture" in content:
            captures.add(content["capture"])
        else:
            files[content["file"]] = content["sha256"]
    return Contents(frozenset(captures), files)


def check(folder: Path) -> tuple[Manifest, Contents]:
    """Reads every byte of a backup. Raises BackupError at the first that is missing or not as it was written."""
    manifest = read_manifest(folder)
    check_part(folder, manifest.database)
    contents = read_contents(folder, manifest)
    archive = Archive(folder / "captures")
    for digest in sorted(contents.captures):
        try:
            archive.get(digest)
        except ArchiveError:
            raise _broken(folder, f"captures/{digest}") from None
    for name, digest in contents.files.items():
        read_file(folder, name, digest)
    return manifest, contents


def check_part(folder: Path, part: Part) -> None:
    """Raises BackupError where a large file is not as it was written."""
    try:
        with (folder / part.name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise _broken(folder, part.name) from None
    if digest != part.sha256:
        raise _broken(folder, part.name)


def read_file(folder: Path, name: str, digest: str) -> bytes:
    """The bytes of a file of the backup. Raises BackupError where they are not as they were written."""
    try:
        data = file_path(folder, digest).read_bytes()
    except OSError:
        raise _broken(folder, name) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise _broken(folder, name)
    return data


def file_path(folder: Path, digest: str) -> Path:
    """Where a file of this digest lies."""
    return folder / "files" / digest[:2] / digest


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a compressed file, each with its end."""
    with file.open("rb") as source, zstandard.ZstdDecompressor().stream_reader(source) as reader:
        rest = b""
        while chunk := reader.read(_CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line + b"\n"
        if rest:
            yield rest


class PartWriter:
    """Writes one large file under a name for the time being; :meth:`keep` gives it its own."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder, self._kind = folder, kind
        self._draft = folder / f".{kind}.tmp"
        # Password digests and what staff wrote are in it.
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._packer = zstandard.ZstdCompressor(level=3).chunker(chunk_size=_CHUNK)
        self._hash = hashlib.sha256()

    def write(self, line: bytes) -> None:
        """One line, with its end."""
        for chunk in self._packer.compress(line):
            self._put(chunk)

    def keep(self) -> Part:
        """Ends the file, forces it to disk and names it by its digest."""
        for chunk in self._packer.finish():  # type: ignore[no-untyped-call]
            self._put(chunk)
        size = self._file.tell()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        digest = self._hash.hexdigest()
        name = f"{self._kind}-{digest[:16]}.jsonl.zst"
        self._draft.rename(self._folder / name)
        return Part(name, digest, size)

    def _put(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self._file.write(chunk)


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes a file under another name, forces it to disk and puts it into its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _digest_of(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _broken(folder: Path, name: str) -> BackupError:
    return _error(N_("备份 {folder} 不完整或已损坏（{name}），未作任何改动；请用另一份备份"), folder, name)


def _error(text: str, folder: Path, name: object = "", reason: str = "") -> BackupError:
    return BackupError(translate(text, spoken_language(), {"folder": folder, "name": name, "reason": reason}))
