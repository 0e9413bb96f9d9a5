"""Captured documents: a page about each, the document itself in a frame, and its bytes as a file.

The frame's document comes from a path of its own under a policy of its own: see :mod:`monitor.evidence.shown`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from monitor.access import captures
from monitor.access.base import Access, NotFound
from monitor.access.captures import Lost
from monitor.alerts.details import link
from monitor.alerts.wording import place_in_words
from monitor.language import N_, translate
from monitor.web.cells import name, printed
from monitor.web.handling import for_readers
from monitor.web.rendering import page

_ROLES = {"list": N_("列表页"), "document": N_("正文页"), "attachment": N_("附件")}
_NOT_SHOWN = N_("这份原件不能在这里显示（{why}）；请下载后查看。")
_TOO_LARGE = N_("文件太大或不是网页")


@for_readers()
def show(request: Request, access: Access) -> Response:
    """A capture: where it came from and when, and the document."""
    capture_id, version_id, key = _asked(request)
    shown = captures.show(access, capture_id, version_id, key)
    version = shown.version
    form = version.form if version else None
    return page(
        request,
        "capture.html",
        title=N_("采集原件"),
        shown=shown,
        frame=frame_address(capture_id, version_id, key),
        download=download_address(capture_id, version_id),
        role=_ROLES.get(shown.kept.capture.role.value, shown.kept.capture.role.value),
        link=link,
        cell_name=name(form, shown.cell.key) if shown.cell else "",
        cell_text=printed(shown.cell, access.language) if shown.cell else "",
        place=place_in_words(shown.cell.at.to_json(), access.language) if shown.cell and shown.cell.at else "",
    )


@for_readers()
def show_document(request: Request, access: Access) -> Response:
    """The document of a capture, cleaned, for the frame."""
    capture_id, version_id, key = _asked(request)
    why = None
    try:
        shown = captures.page(access, capture_id, version_id, key)
        text, why = shown.page, shown.why
    except Lost as problem:
        text, why = None, str(problem)
    if text is None:
        told = translate(_NOT_SHOWN, access.language, {"why": why or translate(_TOO_LARGE, access.language)})
        response = page(request, "not_shown.html", status=404, title=N_("不能显示"), told=told)
        return _framed(response)
    return _framed(HTMLResponse(text))


@for_readers()
def download(request: Request, access: Access) -> Response:
    """The bytes of a capture as a file that no browser opens by itself."""
    capture_id, version_id, _ = _asked(request)
    try:
        file, data = captures.original(access, capture_id, version_id)
    except Lost as problem:
        told = translate(_NOT_SHOWN, access.language, {"why": str(problem)})
        return page(request, "message.html", status=404, title=N_("原件不在了"), text=told)
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"Content-Disposition": captures.disposition(file)},
    )


def frame_address(capture_id: int, version_id: int | None = None, key: str | None = None) -> str:
    """Where the document of a capture is shown, the cell marked."""
    from monitor.evidence.shown import CELL

    if version_id is None or key is None:
        return f"/captured/{capture_id}" + (f"?version={version_id}" if version_id is not None else "")
    return f"/captured/{capture_id}?version={version_id}&cell={key}#{CELL}"


def download_address(capture_id: int, version_id: int | None = None) -> str:
    """Where the bytes of a capture are."""
    return f"/captures/{capture_id}/original" + (f"?version={version_id}" if version_id is not None else "")


def _asked(request: Request) -> tuple[int, int | None, str | None]:
    version = request.query_params.get("version")
    if version is not None and not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise NotFound(version)
    return request.path_params["capture"], int(version) if version else None, request.query_params.get("cell")


def _framed(response: Response) -> Response:
    from monitor.evidence.shown import POLICY

    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


ROUTES = [
    Route("/captures/{capture:int}", show, methods=["GET"], name="capture"),
    Route("/captures/{capture:int}/original", download, methods=["GET"], name="original"),
    Route("/captured/{capture:int}", show_document, methods=["GET"], name="captured"),
]
