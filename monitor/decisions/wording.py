"""Decisions in words, for the history of alerts, for mails and for lists."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.decisions.deciding import Decided, Withheld
from monitor.decisions.dismissals import Dismissal
from monitor.decisions.switches import EVERYWHERE, Setting, Switch
from monitor.language import N_, translate

SETTING_NAMES = {
    Setting.ON: N_("启用"),
    Setting.OFF: N_("停用"),
    Setting.ERROR: N_("改为错误"),
    Setting.WARNING: N_("改为警告"),
    Setting.NOTICE: N_("改为提示"),
}
_EVERYWHERE = N_("所有县区")
_ONE_COUNTY = N_("县区 {place}")
_BEGINNING = N_("代码 {place} 开头的县区")
_SWITCHED = N_("{place}：规则 {rule} {setting}（{by}，{day}）：{reason}")
_OFF_BY_DEFAULT = N_("规则 {rule} 默认不启用")
_DISMISSED = N_("经核实排除（{by}，{day}）：{reason}")
_LAPSED = N_("{day} 由 {by} 排除（{reason}），现在所据的数字或文字已变，重新提出")


def place_in_words(place: str, language: str = "zh") -> str:
    """The counties that a beginning of codes stands for."""
    if place == EVERYWHERE:
        return translate(_EVERYWHERE, language)
    return translate(_ONE_COUNTY if len(place) == 6 else _BEGINNING, language, {"place": place})


def switch_in_words(switch: Switch, language: str = "zh") -> str:
    """What was switched where, by whom, when and why."""
    return translate(
        _SWITCHED,
        language,
        {
            "rule": switch.rule,
            "place": place_in_words(switch.place, language),
            "setting": translate(SETTING_NAMES[switch.setting], language),
            "by": switch.by,
            "day": f"{switch.at:%Y-%m-%d}",
            "reason": switch.reason,
        },
    )


def dismissal_in_words(dismissal: Dismissal, language: str = "zh") -> str:
    """That a finding was dismissed, by whom, when and why."""
    return _dismissal(_DISMISSED, dismissal, language)


def lapsed_in_words(dismissal: Dismissal, language: str = "zh") -> str:
    """That a finding was dismissed, and is told again because it rests on other numbers now."""
    return _dismissal(_LAPSED, dismissal, language)


def because_in_words(withheld: Withheld, language: str = "zh") -> str:
    """Why a finding does not count."""
    if withheld.because is None:
        return translate(_OFF_BY_DEFAULT, language, {"rule": withheld.finding.rule})
    if isinstance(withheld.because, Switch):
        return switch_in_words(withheld.because, language)
    return dismissal_in_words(withheld.because, language)


def together(said: Iterable[str], language: str = "zh") -> str:
    """Several of these in one line, each once."""
    return translate(N_("；"), language).join(dict.fromkeys(said))


def notes_of(decided: Decided, language: str = "zh") -> dict[str, str]:
    """By matter, what was decided of it: for the history of its alert."""
    said: dict[str, list[str]] = {}
    for withheld in decided.withheld:
        said.setdefault(withheld.matter, []).append(because_in_words(withheld, language))
    for key, switches in decided.weighed.items():
        said.setdefault(key, []).extend(switch_in_words(switch, language) for switch in switches)
    for key, dismissals in decided.lapsed.items():
        said.setdefault(key, []).extend(lapsed_in_words(one, language) for one in dismissals)
    return {key: together(lines, language) for key, lines in said.items()}


def _dismissal(text: str, dismissal: Dismissal, language: str) -> str:
    values = {"by": dismissal.by, "day": f"{dismissal.at:%Y-%m-%d}", "reason": dismissal.reason}
    return translate(text, language, values)
