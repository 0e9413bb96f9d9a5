"""How grave something is, in words."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.language import N_

SEVERITY_NAMES: Mapping[str, str] = {"error": N_("错误"), "warning": N_("警告"), "notice": N_("提示")}
"""By the values of :class:`monitor.rules.base.Severity`."""
