"""The catalogue of faults: what portals do wrong (portals.md part 10 and worse), and the outcome each must give.

A fault can be shown by any portal (crawler.sandbox.hostile). Each names the places where it may show and, for each
place, the outcome and problem of the run. tests/crawler/test_faults.py crawls every one of them.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from crawler.records import Outcome
from crawler.sandbox.hostile import Asked, Scene, Show, Wire, bytes_of, dripping, flooding, head, reset_after
from crawler.sandbox.loopback import Page

GIGABYTE = 1024**3


class Place(StrEnum):
    """Where a fault shows: at the first page of a column, at its second, at a report, or everywhere."""

    COLUMN = "column"
    PAGE = "page"
    REPORT = "report"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Expected:
    """How the run must end."""

    outcome: Outcome
    problem: str | None = None


@dataclass(frozen=True)
class Fault:
    """One fault.

    ``afterwards``: the portal is well at a first pass and shows the fault at the second. ``scheme`` is that of
    the portal's definition. ``certificate`` is the kind the server shows (``expired``); ``refuses``: nothing
    listens.
    """

    id: str
    what: str
    show: Callable[[Place], Show]
    expected: Mapping[Place, Expected] = field(default_factory=dict)
    afterwards: bool = False
    scheme: str = "http"
    certificate: str | None = None
    refuses: bool = False


FAULTS: dict[str, Fault] = {}
"""All faults by their names."""

_COLLECTED = Expected(Outcome.COLLECTED)


def _add(
    name: str, what: str, show: Callable[[Place], Show], expected: Mapping[Place, Expected], **more: object
) -> None:
    assert name not in FAULTS
    FAULTS[name] = Fault(name, what, show, expected, **more)  # type: ignore[arg-type]


def _everywhere(word: str, first: Outcome, page: Outcome = Outcome.PARTIAL) -> dict[Place, Expected]:
    """What a failure that gives ``word`` leads to, by the place."""
    return {
        Place.COLUMN: Expected(first, word),
        Place.PAGE: Expected(page, f"pages_failed:{word}=1"),
        Place.REPORT: Expected(Outcome.PARTIAL, f"documents_failed:{word}=1"),
    }


def _at(place: Place, scene: Scene, asked: Asked) -> bool:
    if place is Place.PORTAL:
        return asked.path != "/robots.txt"
    return asked.path == {Place.COLUMN: scene.column, Place.PAGE: scene.page, Place.REPORT: scene.report}[place]


def _reply(make: Callable[[Scene, Asked], Page | Wire | None]) -> Callable[[Place], Show]:
    """A fault that answers instead of the portal at its place."""
    return lambda place: lambda scene, asked: make(scene, asked) if _at(place, scene, asked) else None


def _html(text: str, status: int = 200, media_type: str = "text/html; charset=utf-8", **headers: str) -> Page:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(text.encode, status=status, media_type=media_type, headers=named)


def _rewritten(change: Callable[[Scene, Asked, str], str | None]) -> Callable[[Place], Show]:
    """A fault that changes the text of the portal's own pages; None from ``change``: as it is."""

    def show(scene: Scene, asked: Asked) -> Page | None:
        page = scene.answer(asked.path)
        if page.status != 200 or not page.media_type.startswith("text/html"):
            return None
        text = page.render().decode("utf-8")
        changed = change(scene, asked, text)
        return None if changed is None or changed == text else _html(changed)

    return lambda place: show


def _on_lists(change: Callable[[Scene, str], str]) -> Callable[[Place], Show]:
    """Changes the pages that list the report."""
    return _rewritten(
        lambda scene, asked, text: (
            change(scene, text) if asked.path != scene.report and _stem(scene) in text else None
        )
    )


def _on_report(change: Callable[[Scene, str], str]) -> Callable[[Place], Show]:
    """Changes the report's page."""
    return _rewritten(lambda scene, asked, text: change(scene, text) if asked.path == scene.report else None)


def _stem(scene: Scene) -> str:
    return scene.report.rpartition("/")[2]


def _link(scene: Scene, text: str) -> str:
    """The link to the report as a list writes it."""
    found = re.search(rf"""["']([^"'\s]*{re.escape(_stem(scene))})["']""", text)
    return found[1] if found else _stem(scene)


def _row(scene: Scene, text: str) -> str:
    """The row of the report in a list, with its tags."""
    at = text.index(_link(scene, text))
    tag = max(("li", "tr", "dl"), key=lambda name: text.rfind(f"<{name}", 0, at))
    return text[text.rfind(f"<{tag}", 0, at) : text.index(f"</{tag}>", at) + len(tag) + 3]


def _retitled(title: Callable[[str], str]) -> Callable[[Place], Show]:
    return _on_lists(
        lambda scene, text: text.replace(_row(scene, text), _renamed(scene, text, title(scene.title)))
    )


def _renamed(scene: Scene, text: str, title: str) -> str:
    row = _row(scene, text)
    link = re.search(rf"""(<a\b[^>]*{re.escape(_stem(scene))}[^>]*>).*?</a>""", row, re.DOTALL)
    assert link is not None
    opened = re.sub(r"""title=(["']).*?\1""", f'title="{title}"', link[1])
    return row.replace(link[0], f"{opened}{title}</a>")


def _without_body(text: str, instead: str) -> str:
    """The page with something else in place of its tables and text."""
    start = re.search(r"<body[^>]*>", text)
    assert start is not None
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    named = f"<h1>{title[1].partition('_')[0]}</h1>" if title else ""
    return f"{text[: start.end()]}{named}{instead}</body></html>"


# --- challenges and refusals --------------------------------------------------------------------------------

_BLOCKED = _everywhere("blocked", Outcome.BLOCKED, Outcome.BLOCKED)
_CHALLENGES = {
    "challenge_412": (
        "412 with a script and a cookie",
        lambda: _html(
            "<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></html>", 412, Set_Cookie="ts=1; Path=/"
        ),
    ),
    "challenge_521": (
        "521 with a script that sets a cookie",
        lambda: _html("<script>document.cookie='__jsl_clearance=1';location.reload()</script>", 521),
    ),
    "refused_403": ("403 by region or agent", lambda: _html("<html><h1>403 Forbidden</h1></html>", 403)),
    "challenge_script": (
        "200 with a script that wants a cookie",
        lambda: _html(
            "<html><script>var arg1='3000176000856006061501533003690027800375';acw_sc__v2</script></html>"
        ),
    ),
    "captcha": (
        "200 with a page that asks for a captcha",
        lambda: _html(
            "<html><body><p>为了安全，请输入图形验证码后继续访问</p><img src='/captcha.jpg'></body></html>"
        ),
    ),
}
for _name, (_what, _make) in _CHALLENGES.items():
    _add(_name, _what, _reply(lambda scene, asked, make=_make: make()), _BLOCKED)  # type: ignore[misc]


def _challenge_as_pdf(scene: Scene, asked: Asked) -> Page | None:
    if asked.path.endswith("/file.pdf"):
        return _html(
            "<html><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></html>", media_type="application/pdf"
        )
    if asked.path == scene.report:
        return _html(scene.text(asked.path).replace("</body>", '<a href="/files/file.pdf">附件</a></body>'))
    return None


_add(
    "challenge_as_pdf",
    "challenge HTML under a .pdf address, called application/pdf",
    lambda place: _challenge_as_pdf,
    {Place.REPORT: Expected(Outcome.PARTIAL, "others_failed:blocked=1")},
)
_add(
    "rate_limit_passing",
    "429 with Retry-After: 1, once",
    _reply(lambda scene, asked: None if asked.times_before else _html("slow down", 429, Retry_After="1")),
    {Place.COLUMN: _COLLECTED, Place.REPORT: _COLLECTED},
)
_add(
    "rate_limit_long",
    "429 with Retry-After of an hour",
    _reply(lambda scene, asked: _html("slow down", 429, Retry_After="3600")),
    {Place.COLUMN: Expected(Outcome.BLOCKED, "rate_limited")},
)
_add(
    "rate_limit_until",
    "429 with Retry-After as a date far ahead",
    _reply(lambda scene, asked: _html("slow down", 429, Retry_After="Fri, 31 Dec 2100 23:59:59 GMT")),
    {Place.COLUMN: Expected(Outcome.BLOCKED, "rate_limited")},
)

# --- the network --------------------------------------------------------------------------------------------

_UNREACHABLE = _everywhere("unreachable", Outcome.UNREACHABLE)
_CUT_OFF = _everywhere("cut_off", Outcome.UNREACHABLE)
_HALF = b"<html><head><title>x</title></head><body><p>" + b"x" * 2000

_add(
    "refused_connection",
    "nothing listens",
    lambda place: lambda scene, asked: None,
    {Place.PORTAL: Expected(Outcome.UNREACHABLE, "unreachable")},
    refuses=True,
)
_add(
    "expired_certificate",
    "a TLS certificate that ran out",
    lambda place: lambda scene, asked: None,
    {Place.PORTAL: Expected(Outcome.UNREACHABLE, "certificate")},
    scheme="https",
    certificate="expired",
)
_add(
    "http_only",
    "https fails where http works",
    lambda place: lambda scene, asked: None,
    {Place.PORTAL: Expected(Outcome.UNREACHABLE, "unreachable")},
    scheme="https",
)
_add(
    "reset_mid_body",
    "the connection is reset in the middle of a body",
    _reply(lambda scene, asked: reset_after(head(100_000) + _HALF)),
    _CUT_OFF,
)
_add(
    "reset_at_once",
    "the connection is reset before an answer",
    _reply(lambda scene, asked: reset_after(b"")),
    _UNREACHABLE,
)
_add(
    "slow_drip",
    "a byte now and then, without end",
    _reply(lambda scene, asked: dripping(head(10**6), b" ", 0.1)),
    _UNREACHABLE,
)
_add(
    "slow_head",
    "headers that never end",
    _reply(lambda scene, asked: dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.1)),
    _UNREACHABLE,
)
_add(
    "errors_in_bursts",
    "503 twice, then well",
    _reply(lambda scene, asked: _html("busy", 503) if asked.times_before < 2 else None),
    {Place.COLUMN: _COLLECTED, Place.PAGE: _COLLECTED, Place.REPORT: _COLLECTED},
)
_add("errors", "500 at every try", _reply(lambda scene, asked: _html("error", 500)), _UNREACHABLE)
_add(
    "length_too_long",
    "Content-Length says more than comes",
    _reply(lambda scene, asked: bytes_of(head(10**6) + scene.answer(asked.path).render())),
    _CUT_OFF,
)


def _length_too_short(scene: Scene, asked: Asked) -> Wire:
    body = scene.answer(asked.path).render()
    return bytes_of(head(len(body) * 2 // 3) + body)


_add(
    "length_too_short",
    "Content-Length says less than comes: a page cut in the middle",
    _reply(_length_too_short),
    _CUT_OFF,
)
_add(
    "cut_without_length",
    "no Content-Length, and the connection ends in the middle of the page",
    _reply(lambda scene, asked: bytes_of(head(None) + scene.answer(asked.path).render()[:-400])),
    _CUT_OFF,
)

# --- too much -----------------------------------------------------------------------------------------------

_TOO_LARGE = _everywhere("too_large", Outcome.LAYOUT_CHANGED)


@cache
def _bomb() -> bytes:
    return gzip.compress(gzip.compress(bytes(GIGABYTE // 4), 9) * 4, 9)


def _gzip_bomb(scene: Scene, asked: Asked) -> Wire:
    body = _bomb()
    return bytes_of(head(len(body), Content_Encoding="gzip, gzip") + body)


_add("gzip_bomb", "a few kilobytes that unpack to a gigabyte", _reply(_gzip_bomb), _TOO_LARGE)
_add(
    "huge_body",
    "2 GB, told in Content-Length",
    _reply(lambda scene, asked: flooding(head(2 * GIGABYTE), 2 * GIGABYTE)),
    _TOO_LARGE,
)
_add(
    "huge_body_untold",
    "2 GB without a length",
    _reply(lambda scene, asked: flooding(head(None), 2 * GIGABYTE)),
    _TOO_LARGE,
)


def _endless_paging(scene: Scene, asked: Asked) -> Page | None:
    """Every further page exists, with reports that no other page has."""
    page = re.fullmatch(r"index_(\d+)\.html", asked.path.removeprefix(scene.column))
    extra = re.fullmatch(r"(.*_\d+)9{4}\d+(\.html)", asked.path)
    if extra:
        return _html(scene.text(extra[1] + extra[2]))
    if asked.path != scene.column and not page:
        return None
    text = re.sub(
        r"createPageHTML\(\d+, \d+", f"createPageHTML(9000, {page[1] if page else 0}", scene.text(scene.column)
    )
    return _html(re.sub(r"(t\d{8}_\d+)", rf"\g<1>9999{page[1]}", text) if page else text)


_add(
    "endless_paging",
    "paging without end, each page with other rows",
    lambda place: _endless_paging,
    {Place.COLUMN: Expected(Outcome.PARTIAL, "too_many_pages")},
)


def _calendar(scene: Scene, asked: Asked) -> Page | None:
    path, _, query = asked.path.partition("?")
    if path != scene.column:
        return None
    month = int(query.rpartition("=")[2] or "0") if query.startswith("month=") else 0
    days = "".join(f'<td><a href="?day={month}-{day}">{day}</a></td>' for day in range(1, 29))
    turn = f'<a href="?month={month - 1}">上月</a> <a href="?month={month + 1}">下月 &gt;&gt;</a>'
    return _html(scene.text(path).replace("</body>", f"<div>{turn}<table><tr>{days}</tr></table></div></body>"))


_add(
    "calendar",
    "a calendar of links without end beside the list",
    lambda place: _calendar,
    {Place.COLUMN: _COLLECTED},
)


def _session_ids(scene: Scene, asked: Asked) -> Page | None:
    path = re.sub(r";jsessionid=\w+", "", asked.path)
    page = scene.answer(path)
    if path not in (scene.column, scene.page):
        return page if path != asked.path else None
    number = f"{len(scene.asked):032X}"
    return _html(re.sub(r"(href=[\"'][^\"'?#]+\.html)", rf"\g<1>;jsessionid={number}", page.render().decode()))


_add(
    "session_ids",
    "every link carries a session id, another at each visit",
    lambda place: _session_ids,
    {Place.COLUMN: Expected(Outcome.UNCHANGED)},
    afterwards=True,
)

# --- redirects ----------------------------------------------------------------------------------------------


def _to(address: str, status: int = 302) -> Page:
    return _html("", status, Location=address)


_OFF_SITE = _everywhere("off_site", Outcome.LAYOUT_CHANGED)
_add(
    "redirect_loop",
    "an address that leads to itself by way of another",
    _reply(lambda scene, asked: _to(asked.path)),
    _everywhere("redirects", Outcome.LAYOUT_CHANGED),
)
_add(
    "redirect_elsewhere",
    "a redirect to another host",
    _reply(lambda scene, asked: _to(scene.elsewhere + asked.path)),
    _OFF_SITE,
)
for _target in ("127.0.0.1", "169.254.169.254", "100.64.0.1"):
    _add(
        f"redirect_to_{_target}",
        f"a redirect to {_target}",
        _reply(lambda scene, asked, target=_target: _to(f"http://{target}/latest/meta-data/")),  # type: ignore[misc]
        _OFF_SITE,
    )
_add(
    "column_moved",
    "the column answers 301 to where it stands now",
    lambda place: lambda scene, asked: _moved(scene, asked),
    {Place.COLUMN: Expected(Outcome.COLLECTED)},
)
_add(
    "column_moved_off",
    "the column answers 301 to another host",
    _reply(lambda scene, asked: _to(scene.elsewhere + asked.path, 301)),
    {Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "off_site")},
    afterwards=True,
)
_add(
    "column_moved_up",
    "the column answers 301 to the front page",
    _reply(lambda scene, asked: _to("/", 301)),
    {Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "soft_404")},
    afterwards=True,
)


def _moved(scene: Scene, asked: Asked) -> Page | None:
    new = scene.column.rstrip("/") + "-new/"
    if asked.path == scene.column:
        return _to(new, 301)
    if asked.path.startswith(new):
        return scene.answer(scene.column + asked.path.removeprefix(new))
    return None


# --- pages that are not what they should be -----------------------------------------------------------------

_add(
    "column_gone",
    "the column answers 404",
    _reply(lambda scene, asked: _html("<h1>404</h1>", 404)),
    {Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "gone")},
    afterwards=True,
)
_add(
    "soft_404",
    "200 with a small page that says 页面不存在",
    _reply(lambda scene, asked: _html("<html><body><h2>您访问的页面不存在</h2></body></html>")),
    {
        Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "soft_404"),
        Place.REPORT: Expected(Outcome.PARTIAL, "documents_failed:soft_404=1"),
    },
)
_add(
    "deep_page_stub",
    "a further list page answers a stub of 54 bytes",
    _reply(lambda scene, asked: _html("<html><body><div id='list'></div><br></body></html>")),
    {Place.PAGE: Expected(Outcome.PARTIAL, "pages_failed:layout=1")},
)
_EMPTY_LIST = "<html><head><title>政府信息公开年报</title></head><body><ul class='list'>{}</ul></body></html>"
_add(
    "empty_column",
    "200 with a list that holds nothing and says nothing",
    _reply(lambda scene, asked: _html(_EMPTY_LIST.format(""))),
    {Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "no_list")},
)
_add(
    "column_emptied",
    "a column that held reports says 暂无信息",
    _reply(lambda scene, asked: _html(_EMPTY_LIST.format("<li>暂无信息</li>"))),
    {Place.COLUMN: Expected(Outcome.LAYOUT_CHANGED, "list_emptied")},
    afterwards=True,
)
_add(
    "wrong_charset",
    "a list in GB18030 that calls itself UTF-8",
    _reply(lambda scene, asked: Page(lambda: scene.text(asked.path).encode("gb18030"))),
    {Place.COLUMN: _COLLECTED, Place.PAGE: _COLLECTED},
)
_add(
    "encoding_switch",
    "the whole portal changes from UTF-8 to GBK",
    lambda place: lambda scene, asked: _in_gbk(scene, asked),
    {Place.PORTAL: Expected(Outcome.COLLECTED)},
    afterwards=True,
)


def _in_gbk(scene: Scene, asked: Asked) -> Page | None:
    page = scene.answer(asked.path)
    if not page.media_type.startswith("text/html"):
        return None
    text = re.sub("utf-8", "gbk", page.render().decode(), flags=re.IGNORECASE)
    return Page(lambda: text.encode("gb18030"), status=page.status, media_type="text/html; charset=gbk")


# --- reports (portals.md part 10) ---------------------------------------------------------------------------

_add(
    "missing_year",
    "one year is not there",
    lambda place: (
        lambda scene, asked: (
            _html("<h1>404</h1>", 404)
            if asked.path == scene.report
            else _on_lists(lambda scene, text: text.replace(_row(scene, text), ""))(place)(scene, asked)
        )
    ),
    {Place.REPORT: _COLLECTED},
)


def _with_file(name: str, media_type: str, start: bytes, shown: str) -> Callable[[Place], Show]:
    def show(scene: Scene, asked: Asked) -> Page | None:
        if asked.path.endswith(name):
            return Page(lambda: start + bytes(2000), media_type=media_type)
        if asked.path.startswith("/viewer.html"):
            return _html("<html><body><div id='viewer'></div></body></html>")
        if asked.path == scene.report:
            return _html(_without_body(scene.text(asked.path), shown.format(f"/files/{name}")))
        return None

    return lambda place: show


_add(
    "only_doc",
    "the report is an attached .doc, the page itself is empty",
    _with_file("nb.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", '<a href="{}">年报.doc</a>'),
    {Place.REPORT: _COLLECTED},
)
_add(
    "pdf_in_viewer",
    "the report is a PDF in a viewer's iframe",
    _with_file("nb.pdf", "application/pdf", b"%PDF-1.4\n", '<iframe src="/viewer.html?file={}"></iframe>'),
    {Place.REPORT: _COLLECTED},
)
_add(
    "empty_body",
    "the report's page holds its title only",
    _on_report(lambda scene, text: _without_body(text, "<div class='TRS_Editor'></div>")),
    {Place.REPORT: _COLLECTED},
)
_add(
    "letter_title",
    "a title that looks like a letter",
    _retitled(lambda title: f"关于报送《{title}》的函"),
    {Place.REPORT: _COLLECTED},
)
_add(
    "duplicate_address",
    "the report stands in the list under two addresses",
    _on_lists(
        lambda scene, text: text.replace(
            _row(scene, text),
            _row(scene, text) + _row(scene, text).replace(_stem(scene), _stem(scene) + "?isMobile=true"),
        )
    ),
    {Place.REPORT: _COLLECTED},
)
_add(
    "back_dated",
    "put up later, with a date of long before",
    _on_lists(
        lambda scene, text: text.replace(
            _row(scene, text), re.sub(r"20\d\d-\d\d-\d\d", "2018-01-02", _row(scene, text))
        )
    ),
    {Place.REPORT: _COLLECTED},
)
_add(
    "date_conflict",
    "list, page and address each say another date",
    _rewritten(
        lambda scene, asked, text: (
            re.sub(r"20\d\d-\d\d-\d\d", "2019-03-03", text) if asked.path == scene.report else None
        )
    ),
    {Place.REPORT: _COLLECTED},
)
_add(
    "other_organ",
    "another organ's report in the column",
    _retitled(lambda title: "示例市红岭区交通运输局" + title[title.index("20") :]),
    {Place.REPORT: _COLLECTED},
)
_add(
    "predecessor_organ",
    "the report of an organ that was merged since",
    _retitled(lambda title: "青禾县工商行政管理局" + title[title.index("20") :]),
    {Place.REPORT: _COLLECTED},
)
_LOOK_ALIKES = ("一图读懂{}", "{}解读", "{}编制说明", "关于做好{}编制工作的通知")
_add(
    "look_alikes",
    "titles that only look like reports",
    _on_lists(
        lambda scene, text: text.replace(
            _row(scene, text),
            _row(scene, text)
            + "".join(
                _renamed(scene, text, words.format(scene.title)).replace(
                    _stem(scene), f"t20240101_77{number}.html"
                )
                for number, words in enumerate(_LOOK_ALIKES)
            ),
        )
    ),
    {Place.REPORT: _COLLECTED},
)
_add(
    "wrong_year_body",
    "the text of another year under this year's title",
    _on_report(lambda scene, text: re.sub(r"(?<=<p>)(.*?)20\d\d(?=年)", r"\g<1>2017", text)),
    {Place.REPORT: _COLLECTED},
)
_add(
    "broken_tables",
    "tables whose rows and cells are never closed",
    _on_report(lambda scene, text: re.sub(r"</(?:td|tr|tbody|table)>", "", text)),
    {Place.REPORT: _COLLECTED},
)
_add(
    "deleted_by_refresh",
    "a report that was taken down: meta refresh to its column",
    _reply(
        lambda scene, asked: _html(
            "<html><head><meta http-equiv='refresh' content='0;url=../'></head><body>请稍候</body></html>"
        )
    ),
    {Place.REPORT: Expected(Outcome.PARTIAL, "documents_failed:soft_404=1")},
    afterwards=True,
)
_add(
    "changed_report",
    "the same address, another text",
    _on_report(lambda scene, text: text.replace("</body>", "<p>（更正后重新公布）</p></body>")),
    {Place.REPORT: _COLLECTED},
    afterwards=True,
)
_add(
    "mirror_link",
    "a row that leads to a copy on another host",
    _on_lists(lambda scene, text: text.replace(_link(scene, text), scene.elsewhere + scene.report)),
    {Place.REPORT: Expected(Outcome.PARTIAL, "documents_failed:off_site=1")},
)
_add(
    "ipv6_rewritten",
    "a gateway that rewrote all outside links to another domain",
    _rewritten(
        lambda scene, asked, text: text.replace(
            "</body>", "<a href='http://http-www--gov--cn.a1b2.ipv6best.cn/'>中国政府网</a></body>"
        )
    ),
    {Place.PORTAL: _COLLECTED},
)
