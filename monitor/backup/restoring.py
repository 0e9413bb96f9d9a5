"""Puts a backup into an empty place: looked through as a whole first, then captures and logs, rows at the end.

A restore that was broken off is begun again with the same backup: a mark in the archive says which one it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crawler.captures import Archive
from monitor.backup.layout import (
    DEFINITIONS,
    LOGS,
    SECRETS,
    BackupError,
    Manifest,
    NotVacant,
    check,
    file_path,
    lines_of,
    read_file,
    read_manifest,
    write_whole,
)
from monitor.backup.taking import secret_files
from monitor.language import N_, spoken_language, translate
from monitor.settings import Settings
from monitor.store.database import Database
from monitor.store.dumps import DumpError

_MARK = "being-restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. ``left_alone``: files that are there already with other content, and where the backup's
    own lie; ``by_hand``: where the settings of the backup lie, which nothing puts into place."""

    manifest: Manifest
    rows: Mapping[str, int]
    left_alone: Mapping[Path, Path]
    by_hand: Path | None


def restore(folder: Path, database: Database, archive: Archive, settings: Settings) -> Restored:
    """Puts the backup in ``folder`` into the place that the settings name.

    Raises NotVacant where something stands there, BackupError where the backup is not whole, each before anything
    is touched; StoreError where the database cannot be used.
    """
    _must_be_vacant(read_manifest(folder), database, archive)
    manifest, contents = check(folder)
    mark = archive.root / _MARK
    write_whole(mark, manifest.digest.encode())
    source = Archive(folder / "captures")
    for digest in sorted(contents.captures):
        archive.put(source.get(digest))
    for name, digest in contents.files.items():
        if name.startswith(LOGS):
            path = archive.root / "runs" / Path(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(read_file(folder, name, digest))
    archive.force_to_disk()
    try:
        rows = database.fill(lines_of(folder / manifest.database.name))
    except DumpError as problem:
        text = N_("备份 {folder} 中的数据不完整（{problem}）；数据库未作任何改动，请用另一份备份")
        raise BackupError(_say(text, folder=folder, problem=problem)) from None
    left_alone = _put_files(folder, contents.files, settings)
    mark.unlink()
    kept_settings = contents.files.get(SECRETS + "settings")
    return Restored(manifest, rows, left_alone, file_path(folder, kept_settings) if kept_settings else None)


def _must_be_vacant(manifest: Manifest, database: Database, archive: Archive) -> None:
    """Raises NotVacant. An archive that this very backup was being restored into may have captures."""
    if not database.is_vacant():
        raise NotVacant(_say(N_("数据库里已有数据，未作任何改动；请恢复到空的数据库（见 [store] database）")))
    begun = ""
    with suppress(FileNotFoundError):
        begun = (archive.root / _MARK).read_text(encoding="utf-8")
    if begun != manifest.digest and (next(archive.digests(), None) or next(archive.log_files(), None)):
        text = N_("归档目录 {folder} 里已有内容，未作任何改动；请恢复到空的目录（见 [store] captures）")
        raise NotVacant(_say(text, folder=archive.root))


def _put_files(folder: Path, files: Mapping[str, str], settings: Settings) -> dict[Path, Path]:
    """Definitions and secrets to where the settings have them; what stands there is never written over."""
    secrets = dict(secret_files(settings))
    left_alone: dict[Path, Path] = {}
    for name, digest in files.items():
        place = secrets.get(name) if name.startswith(SECRETS) else _place_of(name, settings)
        if place is None:
            continue
        data = read_file(folder, name, digest)
        if not place.exists():
            write_whole(place, data, 0o600 if name.startswith(SECRETS) else 0o644)
        elif place.read_bytes() != data:
            left_alone[place] = file_path(folder, digest)
    return left_alone


def _place_of(name: str, settings: Settings) -> Path | None:
    """Where a file that staff wrote belongs; None for others, and for one that the settings do not name."""
    portals = DEFINITIONS + "portals/"
    if name.startswith(portals):
        folder = settings.path(settings.crawl.portals)
        place = folder / name.removeprefix(portals)
        # A backup may come from anywhere: nothing in it may name a place outside.
        return place if place.resolve().is_relative_to(folder.resolve()) else None
    given = {
        DEFINITIONS + "due-rules": settings.watch.due_rules,
        DEFINITIONS + "working-days": settings.notify.working_days,
    }.get(name)
    return settings.path(given) if given else None


def _say(text: str, /, **values: object) -> str:
    return translate(text, spoken_language(), values)
