"""Files to take along: always as a download, under a name that no system takes for anything else."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import Response

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')
_LONGEST_NAME = 100


def download(data: bytes, name: str, media_type: str) -> Response:
    """The bytes as a download. ``name`` may hold anything: what no file name may have becomes a line."""
    safe = _NOT_IN_NAMES.sub("-", name).strip(".-")[-_LONGEST_NAME:] or "file"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", safe).strip("-") or "file"
    return Response(
        data,
        media_type=media_type,
        headers={"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}"},
    )
