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
