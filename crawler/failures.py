"""What a failed request means: Scrapy's and Twisted's errors as problem words (crawler.records.Capture)."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawler.addresses import host_of

private_names: set[str] = set()
"""Names that this process found to lead to private addresses."""


class Forbidden(IgnoreRequest):
    """The request is not made; ``word`` is the problem word for it."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def problem_of_failure(error: BaseException | None, address: str) -> str:
    """The problem word for an error of the download."""
    words = str(error)
    if isinstance(error, Forbidden):
        return error.word
    if isinstance(error, CannotResolveHostError) and host_of(address).partition(":")[0] in private_names:
        return "private_address"
    if isinstance(error, DownloadCancelledError):
        return "too_large"
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in words:
            return "robots"
        if "redirections" in words:
            return "redirects"
        return "too_large" if "MAXSIZE" in words or "max size" in words else "broken"
    if isinstance(error, ResponseDataLossError):
        return "cut_off"
    if "certificate" in words or "CERTIFICATE" in words:
        return "certificate"
    return "unreachable"
