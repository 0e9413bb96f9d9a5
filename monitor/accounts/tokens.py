"""Secrets that are shown once and kept as digests: sessions and the tokens of other systems."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

API_PREFIX = "nianbao_"
"""Tokens of other systems begin so, that they are found where they were left lying."""
SESSION_AT_REST = timedelta(hours=12)
"""A session ends so long after its last use."""
SESSION_AT_MOST = timedelta(days=7)
"""A session ends so long after log-in, used or not."""


def new_token(prefix: str = "") -> str:
    """A new secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a secret: it cannot be got back from it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def form_token(secret: str, visitor: str) -> str:
    """What a form must bring back that was given to this visitor (a session's or a visitor's secret)."""
    return hmac.new(secret.encode(), b"form:" + visitor.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def is_form_token(secret: str, visitor: str, token: str) -> bool:
    """Whether a form brought back what it was given."""
    return hmac.compare_digest(form_token(secret, visitor).encode(), token.encode("utf-8", "replace"))
