"""Web addresses: one spelling for each, and on which hosts they lie. Which may be fetched: crawler.gate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

USUAL_PORTS = {"http": 80, "https": 443}
_FOR_TELEPHONES = re.compile(r"_wap(?=\.s?html?$)|(?<=/)m(?=post_\d+\.html$)")


# Another at every visit, and never needed for a page that anybody may read.
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_SESSION_IN_QUERY = re.compile(r"(?:^|&)(?:jsessionid|phpsessid|aspsessionid\w*)=[^&]*", re.IGNORECASE)


def normalise(address: str, base: str | None = None) -> str | None:
    """One spelling of an address: absolute, no fragment, no session id, host in lower case, no usual port,
    percent-coded.

    ``base`` is the address of the page a relative link stands on. None for what is no web address
    (``javascript:``, ``mailto:``, a broken host).
    """
    try:
        joined = urljoin(base or "", "".join(address.split()) if "\n" in address else address.strip())
        parts = urlsplit(urldefrag(joined).url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in USUAL_PORTS or not host:
            return None
        place = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
        if port is not None and port != USUAL_PORTS[parts.scheme]:
            place = f"{place}:{port}"
        path, query = _SESSION_IN_PATH.sub("", parts.path), _SESSION_IN_QUERY.sub("", parts.query).lstrip("&")
        return str(safe_url_string(urlunsplit(SplitResult(parts.scheme, place, path or "/", query, ""))))
    except ValueError:
        return None


def host_of(address: str) -> str:
    """Host of an address, with its port where it is not the usual one."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, USUAL_PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def allowed(address: str, hosts: Iterable[str]) -> bool:
    """Whether an address lies on one of the hosts: ``name`` allows all ports, ``name:port`` that port alone."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port or USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return False
    if parts.scheme not in USUAL_PORTS or not host:
        return False
    return any(named in (host, f"{host}:{port}") for named in hosts)


def folder_of(address: str) -> str:
    """The folder of a page: ``https://host/a/index.html`` → ``https://host/a/``."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/", "", ""))


def without_scheme(address: str) -> str:
    """The address without ``http:`` or ``https:``, to compare twins of the two."""
    return address.partition(":")[2]


def page_key(address: str) -> str:
    """What two addresses of one page share: ``http://h/a/`` and ``https://h/a/index.html`` are one."""
    parts = urlsplit(address)
    return urlunsplit(("", parts.netloc, _without_index(parts.path), parts.query, ""))


def without_telephone(address: str) -> str:
    """The address of the same page for desks: ``_wap`` and ``?isMobile=true`` (TRS) and ``mpost_`` taken off."""
    parts = urlsplit(address)
    query = "&".join(pair for pair in parts.query.split("&") if pair.lower() != "ismobile=true")
    return urlunsplit(parts._replace(path=_FOR_TELEPHONES.sub("", parts.path), query=query))


def report_key(address: str, hosts: Iterable[str] = ()) -> str:
    """What the addresses of one report share, so that it is fetched once; two reports never share it.

    Folded: http and https, ``www.`` where both names are in ``hosts``, pages for telephones, ids of sessions in
    path or query, marks of campaigns and sharing, numbers against caches, names of index pages, the order of the
    query, and percent codes. What may name a document stays, and so does the case of letters.
    """
    parts = urlsplit(without_telephone(address))
    host = _bare_name((parts.hostname or "").lower(), hosts)
    if parts.port not in (None, USUAL_PORTS.get(parts.scheme)):
        host = f"{host}:{parts.port}"
    path = _INDEX.sub("/", re.sub(r"/{2,}", "/", _SESSION_IN_PATH.sub("", parts.path)) or "/")
    pairs = [pair for pair in parts.query.split("&") if pair]
    alone = len(pairs) == 1 and not _STATIC.search(path)
    # What alone tells a page of a program from its others may be its document, whatever it is called.
    pairs = [pair for pair in pairs if not _says_nothing(pair) or (alone and _may_name(pair))]
    return urlunsplit(("", host, _one_coding(path), "&".join(sorted(_one_coding(pair) for pair in pairs)), ""))


_INDEX = re.compile(r"/(?:index|default)\.(?:[sj]?html?|jsp|php|aspx?)$", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
_SESSIONS = frozenset({"jsessionid", "phpsessid", "sessionid", "session_id", "aspsessionid", "cfid", "cftoken"})
_NOT_OF_THE_DOCUMENT = frozenset({"ismobile", "spm", "isappinstalled", "bd_vid", "gclid", "fbclid", "share_token"})
_SHARED_FROM = frozenset({"singlemessage", "groupmessage", "timeline"})
_AGAINST_CACHES = frozenset({"_", "_t", "t", "ts", "timestamp", "time", "v", "r", "rd", "rnd", "rand", "random"})
_NUMBER_AGAINST_CACHES = re.compile(r"0\.\d{6,}|1\d{12}")
_STATIC = re.compile(r"(?:/|\.s?html?)$", re.IGNORECASE)
_LONG_ID = re.compile(r"(?=.*\d)[0-9A-Za-z_-]{20,}")


def _says_nothing(pair: str) -> bool:
    """Whether a pair of a query has no say in which document is meant."""
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in _SESSIONS or name in _NOT_OF_THE_DOCUMENT or name.startswith("utm_"):
        return True
    if name == "sid":
        # The id of a site has the same name, and is short.
        return bool(_LONG_ID.fullmatch(value))
    if name == "from":
        return value in _SHARED_FROM
    return name in _AGAINST_CACHES and bool(_NUMBER_AGAINST_CACHES.fullmatch(value))


def _may_name(pair: str) -> bool:
    """Whether a pair that otherwise says nothing may be the id of a document: ``sid``, a long number."""
    name = pair.partition("=")[0].lower()
    return name == "sid" or name in _AGAINST_CACHES


def _bare_name(name: str, hosts: Iterable[str]) -> str:
    other = name.removeprefix("www.")
    known = {host.partition(":")[0] for host in hosts}
    return other if other != name and {name, other} <= known else name


def _one_coding(text: str) -> str:
    """Percent codes in capitals, and none for what needs none."""
    return re.sub(r"%[0-9A-Fa-f]{2}", _one_code, text)


def _one_code(code: re.Match[str]) -> str:
    letter = chr(int(code[0][1:], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else code[0].upper()


def leads_up(requested: str, final: str) -> bool:
    """Whether a redirect led from a document up to the site's front page or to a folder above it.

    Portals answer so for documents that were taken down.
    """
    before, after = _without_index(urlsplit(requested).path), _without_index(urlsplit(final).path)
    if not after.endswith("/") or before == after:
        return False
    above = before.rstrip("/").rpartition("/")[0] + "/"
    return above.startswith(after)


def _without_index(path: str) -> str:
    folder, _, page = path.rpartition("/")
    return folder + "/" if page.lower().startswith(("index.", "default.")) else path
