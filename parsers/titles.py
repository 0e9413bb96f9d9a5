"""Titles of reports and of pages that only look like reports (domain.md 4.6 S-12, portals.md part 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from parsers.dates import chinese_year

FIRST_REPORT_YEAR = 2008
LAST_REPORT_YEAR = 2099
LONGEST_ORGAN_NAME = 60


class TitleKind(StrEnum):
    """What a title says its page is."""

    REPORT = "report"
    LOOK_ALIKE = "look_alike"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Title:
    """A title read apart.

    ``text`` is the title as printed, blanks at its ends and the site's name after ``_``, ``|`` or ``-`` taken off.
    ``organ`` is the organ as printed, without blanks (``岢曲镇人民政府``), or None. ``year`` is the report year.
    """

    text: str
    organ: str | None
    year: int | None
    kind: TitleKind


_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")

# What an annual report on disclosure calls itself. 157 of 171 real titles have 年度报告; the rest are here too.
_SUBJECT = r"(?:政府信息|政务信息|信息|政务|政府)(?:公开|工作公开)"
_REPORT_WORD = r"(?:年度工作报告|工作年度报告|年度报告|年报|工作报告|年度公报|公报|报告|情况总结|年度总结)"
_SUBJECT_PATTERN = re.compile(_SUBJECT)
_REPORT_PATTERN = re.compile(
    rf"{_SUBJECT}.{{0,24}}?{_REPORT_WORD}"
    r"|年度(?:工作)?报告.{0,2}(?:政府信息|政务信息|信息|政务)公开"
)
# What may follow the report's name in the title of the report itself or of the letter that carries it.
_TAIL = re.compile(
    r"(?:单|表)?(?:[》」”\"]*)(?:的)?(?:函|公告|公示|报告)?"
    r"(?:[（(【\[].{0,12}[)）】\]])?(?:20\d{2}[-年./]\d{1,2}[-月./]\d{1,2}日?)?[》」”\"。.]*"
)

# A picture or a reading of the report is not the report, wherever the word stands.
_LOOK_ALIKE_ANYWHERE = re.compile(r"一图读懂|一图看懂|图解|图说|图文解读|解读|新闻发布会|问卷|法治政府建设")
# Pages about reports: the word that says so stands at the end.
_LOOK_ALIKE_END = re.compile(
    r"(?:通知|通报|制度|格式|模板|样表|说明|要点|情况|自查报告|自评报告|工作总结|决算|预算|计划|指南|目录|方案|办法|规定|意见|"
    r"清单|名单|一览表|培训会|部署会|会议|汇编|评估报告|统计表|催办函|统计|细则|规范)"
    r"(?:[（(【\[].{0,12}[)）】\]])?[》」”\"。.]*$"
)
_LOOK_ALIKE_START = re.compile(r"^(?:关于)?(?:做好|开展|印发|编制|报送做好|进一步做好|部署|召开|通报)")

_YEAR = re.compile(
    r"(?<!\d)[（(\[〔]?(20\d{2})[)）\]〕]?(?=年|政府信息|政务信息|信息公开|政务公开)"
    r"|([二][〇零○ＯΟ一二三四五六七八九]{3})(?=年)"
)
_YEAR_WITH_WORD = re.compile(r"[（(\[〔]?(?:20\d{2}|[二][〇零○ＯΟ一二三四五六七八九]{3})[)）\]〕]?年?度?")
_ORGAN_PREFIX = re.compile(
    r"^(?:附件\d*[:：]?|一图读懂|一图看懂|图解|图说|解读|转发|关于报送|关于上报|关于公布|关于发布|关于公开|公布|发布|报送|关于|[《「“\"【\[]|[:：、])+"
)
_ORGAN_SUFFIX = re.compile(
    r"(?:关于(?:报送|上报|公布|发布|公开|印发|做好|开展|编制)?|发布|公布|报送|开展|[《「“\"【\[（(:：、]|的)+$"
)
_COLLECTIVE = {
    "各部门", "各乡镇", "各镇", "各街道", "各单位", "部门", "乡镇", "街道", "镇街", "乡镇街道", "本级", "县级",
    "区级", "市级", "县直部门", "区直部门", "市直部门", "单位", "本机关", "历年", "年度", "往年",
    "上年度", "本年度",
}  # fmt: skip
# A territory's name before 政府信息公开 shares the word 政府 with it: 青山镇政府信息公开 is 青山镇政府 + 信息公开.
_TERRITORY = re.compile(r"(?:镇|乡|县|市|区|旗|省|州|苏木)$")
_NOT_TERRITORY = re.compile(
    r"(?:开发区|园区|示范区|风景区|新区|试验区|实验区|产业区|度假区|管理区|服务区|合作区|保护区|集聚区|工业区|社区|林区|景区)$"
)

_SENTENCE = re.compile(r"[，。；！？：,;]|现将|根据|按照|如下")
_SITE_NAME = re.compile(r"(?:[_|｜]|\s[-–—]\s|[-–—]{1,2}).*$")


def read_title(text: str) -> Title:
    """Read a title: the organ as printed, the report year, and what the page says it is.

    A title that names neither organ nor year (``政府信息公开年报``) is ``OTHER``: columns are called so as often
    as reports, and only the page can tell. Without a year between them, a territory keeps the word 政府
    (``青山镇政府信息公开工作年度报告`` → ``青山镇政府``).
    """
    printed = _without_site_name(_BLANKS.sub(" ", text).strip())
    compact = _BLANKS.sub("", printed).translate(_DIGITS)
    report = _REPORT_PATTERN.search(compact)
    subject = _SUBJECT_PATTERN.search(compact)
    year = _year(compact, report.end() if report else len(compact))
    organ = _organ(compact, subject.start() if subject and report else None)
    return Title(printed, organ, year, _kind(compact, report, organ, year))


def is_report_name(text: str) -> bool:
    """Whether the text calls itself an annual report on disclosure, named organ or year or not."""
    compact = _BLANKS.sub("", text).translate(_DIGITS)
    report = _REPORT_PATTERN.search(compact)
    return report is not None and not _is_look_alike(compact, report)


def is_report_title(text: str) -> bool:
    """Whether a line is the title of a report and nothing else: the report's name ends it, no sentence goes on."""
    compact = _BLANKS.sub("", text).translate(_DIGITS)
    report = _REPORT_PATTERN.search(compact)
    return (
        report is not None
        and _TAIL.fullmatch(compact, report.end()) is not None
        and not _SENTENCE.search(compact)
        and read_title(text).kind is TitleKind.REPORT
    )


def repeated_word(text: str) -> str | None:
    """A word printed twice running in a title (``政府信息公开 公开工作``), or None. Two to eight characters."""
    compact = _BLANKS.sub("", text)
    match = re.search(r"([\u4e00-\u9fff]{2,8})\1", compact)
    return match[1] if match else None


def _without_site_name(printed: str) -> str:
    """Cut ``_column_site`` and ``-site`` off, where the rest still holds the name of a report or look-alike."""
    match = _SITE_NAME.search(printed)
    if not match:
        return printed
    head = printed[: match.start()].strip()
    compact = _BLANKS.sub("", head)
    if match[0][0] in "_|｜" or _REPORT_PATTERN.search(compact) or _LOOK_ALIKE_END.search(compact):
        return head or printed
    return printed


def _kind(compact: str, report: re.Match[str] | None, organ: str | None, year: int | None) -> TitleKind:
    if _is_look_alike(compact, report):
        return TitleKind.LOOK_ALIKE
    if report and (organ or year):
        return TitleKind.REPORT
    return TitleKind.OTHER


def _is_look_alike(compact: str, report: re.Match[str] | None) -> bool:
    if _LOOK_ALIKE_ANYWHERE.search(compact):
        return True
    if report and _TAIL.fullmatch(compact, report.end()):
        return False
    if not _SUBJECT_PATTERN.search(compact) and "年度报告" not in compact and "年报" not in compact:
        return False
    return bool(_LOOK_ALIKE_END.search(compact) or _LOOK_ALIKE_START.search(compact))


def _year(compact: str, end: int) -> int | None:
    """The last year before the report's name ends: 2024年公布2023年…年度报告 is of 2023."""
    years: list[int] = []
    for match in _YEAR.finditer(compact, 0, end):
        year = int(match[1]) if match[1] else chinese_year(match[2])
        if year and FIRST_REPORT_YEAR <= year <= LAST_REPORT_YEAR:
            years.append(year)
    return years[-1] if years else None


def _organ(compact: str, subject: int | None) -> str | None:
    if subject is None:
        return None
    before = compact[:subject]
    for match in reversed(list(_YEAR_WITH_WORD.finditer(before))):
        after_year = before[match.end() :]
        if after_year and not _ORGAN_SUFFIX.fullmatch(after_year):
            before = after_year
            break
        before = before[: match.start()]
    organ = _ORGAN_SUFFIX.sub("", _ORGAN_PREFIX.sub("", before))
    if (
        compact.startswith(organ + "政府信息", subject - len(organ))
        and _TERRITORY.search(organ)
        and not _NOT_TERRITORY.search(organ)
    ):
        organ += "政府"
    if len(organ) < 2 or organ in _COLLECTIVE or len(organ) > LONGEST_ORGAN_NAME:
        return None
    return organ
