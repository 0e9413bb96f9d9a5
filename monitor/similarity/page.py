"""Two reports side by side as one page: nothing is loaded from elsewhere, legible in print and without colour."""

from __future__ import annotations

from typing import Any

from monitor.alerts.details import link
from monitor.alerts.wording import DATE_SOURCES, day_in_words
from monitor.language import N_, translate
from monitor.marking import marked
from monitor.pages import pages_of
from monitor.similarity.groups import Member
from monitor.similarity.showing import Aside, Mark, SideBySide

SIGNS = {Mark.SAME: "＝", Mark.ALIKE: "≈", Mark.ONE_ONLY: ""}
ASIDES = {Aside.COUNTY: N_("全县通用"), Aside.STOCK: N_("固定用语")}


def to_page(shown: SideBySide, language: str = "zh") -> str:
    """The page as HTML text, in ``zh`` or ``en``."""

    def say(text: str, **values: Any) -> str:
        return translate(text, language, values)

    pages = pages_of("monitor.similarity")
    text = pages.get_template("similar.html").render(
        shown=shown,
        _=say,
        language=language,
        summary=summary(shown, language),
        heads=[(head(one, language), link(one.published.address)) for one in (shown.left, shown.right)],
        rows=[
            {
                "mark": row.mark.value,
                "sign": SIGNS[row.mark],
                "left": row.left.printed if row.left else "",
                "right": row.right.printed if row.right else "",
                "aside": next(
                    (say(ASIDES[one.aside]) for one in (row.left, row.right) if one and one.aside), None
                ),
            }
            for row in shown.rows
        ],
    )
    return text if language == "zh" else marked(text)


def head(member: Member, language: str = "zh") -> str:
    """Whose report it is, of which year, and published when."""
    if member.day is None:
        text = N_("{organ}{year}年度报告（没有可靠的公布日期）")
        return translate(text, language, {"organ": member.name, "year": member.report_year})
    source = DATE_SOURCES.get(member.published.published_from or "", N_("所据日期"))
    return translate(
        N_("{organ}{year}年度报告（{published}公布，{source}）"),
        language,
        {
            "organ": member.name,
            "year": member.report_year,
            "published": day_in_words(member.day, language),
            "source": translate(source, language),
        },
    )


def summary(shown: SideBySide, language: str = "zh") -> str:
    """How alike the two are, in a sentence."""
    if not shown.enough:
        text = N_("剔除全县通用语句和固定用语后只剩{characters}个字可比，不足以判断是否雷同。")
        return translate(text, language, {"characters": shown.how.characters})
    return translate(
        N_(
            "剔除全县通用语句和固定用语，数字、年份和名称不计，相似度{percent}%（比较了{characters}个字）："
            "{same}句相同，{alike}句相近，{others}句只见于一份。"
        ),
        language,
        {
            "percent": int(shown.how.similarity * 1000) / 10,
            "characters": shown.how.characters,
            "same": shown.count(Mark.SAME),
            "alike": shown.count(Mark.ALIKE),
            "others": shown.count(Mark.ONE_ONLY),
        },
    )
