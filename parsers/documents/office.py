"""LibreOffice, where it is installed, as the reader of last resort for old word processor files.

It runs without a window, in a profile of its own that is thrown away, with macros, active content and links to
other places off, and with limits on time and output. What it writes is read as any other document of that kind.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from parsers.documents.container import media_type_of, reader_of
from parsers.documents.model import Document
from parsers.schema import UnreadableDocument

PROGRAMS: Final = ("soffice", "libreoffice")
SECONDS: Final = 25.0
"""How long one conversion may take: less than a worker process has for one file."""

LARGEST_OUTPUT: Final = 64 * 1024 * 1024
_LARGEST_INPUT: Final = 64 * 1024 * 1024
_TARGET: Final = "docx"
_REMEDY = "请安装 LibreOffice（Debian：apt-get install libreoffice-writer）后重新解析"
# What it has started ends with this process, however that ends: then the pipe that the shell reads is closed.
_ENDS_WITH_US = 'exec 3<&0; (read -r _ <&3; kill -KILL 0) & exec "$@" 3<&- </dev/null'
# Nowhere: a request that would leave the machine ends here.
_NO_PROXY_THERE = "http://127.0.0.1:9"
_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_SETTINGS = (
    (_SECURITY, "DisableMacrosExecution", "true"),
    (_SECURITY, "MacroSecurityLevel", "3"),
    (_SECURITY, "DisableActiveContent", "true"),
    (_SECURITY, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
)


def read_with_office(data: bytes, suffix: str, reason: str, media_type: str) -> Document:
    """Convert with LibreOffice and read what it wrote; the document keeps its own ``media_type``.

    ``suffix`` is the ending of the file's name, ``reason`` says in Chinese why no other reader takes the file.
    Raises UnreadableDocument without LibreOffice, and when it fails, takes too long or writes too much.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise UnreadableDocument(f"{reason}，需要 LibreOffice 才能读取；{_REMEDY}")
    if len(data) > _LARGEST_INPUT:
        raise UnreadableDocument(f"{reason}，且文件过大，LibreOffice 不予转换")
    with tempfile.TemporaryDirectory(prefix="nianbao-") as folder:
        written = _convert(program, data, Path(folder), suffix, reason)
    reader = reader_of(media_type_of(written))
    if reader is None:
        raise UnreadableDocument(f"{reason}，LibreOffice 转换的结果不能读取")
    return replace(reader(written), media_type=media_type)


def _convert(program: str, data: bytes, folder: Path, suffix: str, reason: str) -> bytes:
    source, target, profile = folder / f"document{suffix}", folder / "out", folder / "profile"
    source.write_bytes(data)
    target.mkdir()
    _write_settings(profile)
    command = [
        "/bin/sh", "-c", _ENDS_WITH_US, "sh",
        program, "--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck",
        f"-env:UserInstallation={profile.as_uri()}", "--convert-to", _TARGET, "--outdir", str(target), str(source),
    ]  # fmt: skip
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    for name in ("http_proxy", "https_proxy", "ftp_proxy"):
        environment[name] = environment[name.upper()] = _NO_PROXY_THERE
    environment.pop("no_proxy", None)
    environment.pop("NO_PROXY", None)
    process = subprocess.Popen(  # nosec B603: paths of ours alone, in a folder of its own
        command, env=environment, cwd=folder, start_new_session=True, preexec_fn=_limit,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise UnreadableDocument(f"{reason}，LibreOffice 在 {SECONDS:g} 秒内没有完成转换") from None
    finally:
        _end(process)
    written = target / f"document.{_TARGET}"
    if not written.is_file():
        raise UnreadableDocument(f"{reason}，LibreOffice 也不能读取")
    if written.stat().st_size > LARGEST_OUTPUT:
        raise UnreadableDocument(f"{reason}，LibreOffice 转换的结果过大")
    return written.read_bytes()


def _limit() -> None:
    """In the new process: no file larger than the largest output, and the memory that the system allows."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (hard, hard))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with everything that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _write_settings(profile: Path) -> None:
    items = "\n".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{items}\n</oor:items>\n",
        encoding="utf-8",
    )
