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
    rf"{_SUBJECT}(?P<on>.{{0,24}}?){_REPORT_WORD}"
    r"|年度(?:工作)?报告.{0,2}(?:政府信息|政务信息|信息|政务)公开"
)
# What may follow the report's name in the title of the report itself or of the letter that carries it.
_TAIL = re.compile(
    r"(?:单|表)?(?:[》」”\"]*)(?:的)?(?:函|公告|公示|报告)?"
    r"(?:[（(【\[].{0,12}[)）】\]])?(?:20\d{2}[-年./]\d{1,2}[-月./]\d{1,2}日?)?[》」”\"。.]*"
)

_DRAFT = r"征求意见|送审稿|讨论稿|审议稿|[（(【\[](?:草案|草稿|初稿)[)）】\]]"
# A picture or a reading of the report is not the report, wherever the word stands; nor is a draft or a pattern.
_LOOK_ALIKE_ANYWHERE = re.compile(
    r"一图读懂|一图看懂|图解|图说|图文解读|解读|新闻发布会|问卷|法治政府建设"
    rf"|{_DRAFT}|[（(【\[](?:模板|样本|样式|样稿|样表|范本|范文|示例|格式)[)）】\]]"
)
_DRAFT_PATTERN = re.compile(_DRAFT)
# A part of a year is no year. 全年 beside it (第四季度暨全年) makes it one again, and so do twelve months.
_TO = r"[-—－~～至到]"
_PART_OF_YEAR = r"(?:[上下]?半年|第?[一二三四1-4]季度|前三季度|第[一二三四1-4]季)度?"
_SOME_MONTHS = rf"(?<!\d)\d{{1,2}}月?{_TO}\d{{1,2}}月(?!\d)份?"
_MONTH = rf"(?<!{_TO})(?:(?<!\d)\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月份?"
_OF_PART_OF_YEAR = re.compile(
    rf"{_PART_OF_YEAR}|半年报|季报|月报|(?!0?1月?{_TO}12月){_SOME_MONTHS}|{_MONTH}的?(?={_SUBJECT}[^年]*$)"
)
# Reports on something else than the year: the word stands directly before 报告, 工作 or 情况 at most between.
_OTHER_REPORT = (
    r"(?:自查|自评|自检|自纠|评估|测评|评议|评价|考核|考评|考察|整改|整治|落实整改|整改落实|培训|学习|调研|调查|研究|审查|审核"
    r"|检查|督查|督导|督办|巡查|抽查|排查|核查|监测|审计|述职|课题|绩效|验收|统计|分析|舆情|满意度"
    r"|申请(?:的)?(?:办理|处理|受理|答复)?)"
    r"(?:自纠|落实|分析|工作|情况|结果|年度|的)*"
)
_OF_OTHER_REPORT = re.compile(rf"{_OTHER_REPORT}$")
# Pages about reports: the word that says so stands at the end.
_LOOK_ALIKE_END = re.compile(
    r"(?:通知|通报|制度|格式|模板|样表|说明|要点|情况|工作总结|决算|预算|计划|指南|目录|方案|办法|规定|意见|"
    r"清单|名单|一览表?|汇编|汇总表?|统计表|催办函|统计|细则|规范|问答|点评|摘要|简报|速览|看点|导读|台账|排名|"
    r"培训班?|(?:培训|部署|推进|座谈|动员|调度|协调|发布|评审|讲评)会|会议|"
    r"(?:编制|编报|撰写|填报|起草|报送)(?:工作|事宜|事项)|"
    rf"{_OTHER_REPORT}报告)"
    r"(?:[（(【\[].{0,12}[)）】\]])?[》」”\"。.]*$"
)
_LOOK_ALIKE_START = re.compile(r"^(?:关于)?(?:做好|开展|印发|编制|报送做好|进一步做好|部署|召开|通报)")

_CHINESE_YEAR = r"二[〇零○ＯΟ0一二三四五六七八九]{3}"
_YEAR = re.compile(
    rf"(?<!\d)[（(\[〔【]?(20\d{{2}})[)）\]〕】]?(?=年|全年|政府信息|政务信息|信息公开|政务公开)|({_CHINESE_YEAR})(?=年)"
)
# Behind the report's name a year counts only where it stands alone: 2023年1月15日 is the day of publication.
_YEAR_BEHIND = re.compile(
    rf"(?:单|表)?[》」”\"]*的?(?:函|公告|公示|报告)?(?:[（(\[〔【]|[-—－·]+)?(?:(20\d{{2}})|({_CHINESE_YEAR}))年?度?[)）\]〕】]?[》」”\"。.]*$"
)
_AND_YEAR = r"[-—－~～至到、和及与]+"
_SEVERAL_YEARS = re.compile(rf"(?<!\d)20\d{{2}}年?度?{_AND_YEAR}20\d{{2}}(?!\d)")
_DAY = r"\d{1,2}月\d{1,2}日"
_YEAR_WITH_WORD = re.compile(
    rf"(?:(?<!\d)20\d{{2}}年?度?{_AND_YEAR})?[（(\[〔【]?(?:(?<!\d)20\d{{2}}(?!\d)|{_CHINESE_YEAR})[)）\]〕】]?年?度?"
    rf"(?:{_DAY}(?:{_TO}{_DAY})?|(?:{_PART_OF_YEAR}|{_SOME_MONTHS}|{_MONTH})?[暨及和、]?(?:全年)?)"
)
# What lists and pages print before a title: the column it stands in.
_COLUMN_NAME = (
    r"(?:(?:政府|政务)?信息公开|政务公开|法定主动公开内容|通知公告|公告公示|公示公告|信息公告|公告|通知|公示|公开|工作动态|专栏|最新|置顶)*"
    r"(?:工作)?(?:年度报告|年报|报告)?"
)
_COLUMN_BEFORE = re.compile(rf"(?:[【\[〔]{_COLUMN_NAME}[】\]〕]|{_COLUMN_NAME}[\s:：])[\s:：]*(?=\S)")
_ORGAN_PREFIX = re.compile(
    r"^(?:附件\d*[:：]?|一图读懂|一图看懂|图解|图说|(?:文字|图文|图片|视频|音频|政策)?解读|转发|关于报送|关于上报|关于公布|关于发布|关于公开|公布|发布|报送|关于|[《「“\"【\[]|[:：、])+"
)
_ORGAN_SUFFIX = re.compile(
    r"(?:关于(?:报送|上报|公布|发布|公开|印发|做好|开展|编制)?|发布|公布|报送|开展|[《「“\"【\[（(:：、】\]至到]|的|\d{3,}年度?)+$"
)
# 清溪镇人民政府清溪镇人民政府: the organ's line above the title has run into it.
_PRINTED_TWICE = re.compile(r"^(.{3,})\1$")
_COLLECTIVE = {
    "各部门", "各乡镇", "各镇", "各街道", "各单位", "部门", "乡镇", "街道", "镇街", "乡镇街道", "本级", "县级",
    "区级", "市级", "县直部门", "区直部门", "市直部门", "单位", "本机关", "历年", "年度", "往年",
    "上年度", "本年度",
}  # fmt: skip
# Many organs (下各镇), a part of a year, or what is left of a misprinted year.
_NO_ORGAN = re.compile(rf"(?:下|所属|下属)?各.*|{_PART_OF_YEAR}|.*\d年?度?")
# A territory's name before 政府信息公开 shares the word 政府 with it: 青山镇政府信息公开 is 青山镇政府 + 信息公开.
_TERRITORY = re.compile(r"(?:镇|乡|县|市|区|旗|省|州|苏木)$")
_NOT_TERRITORY = re.compile(
    r"(?:开发区|园区|示范区|风景区|新区|试验区|实验区|产业区|度假区|管理区|服务区|合作区|保护区|集聚区|工业区|社区|林区|景区)$"
)

_SENTENCE = re.compile(r"[，。；！？：,;]|现将|根据|按照|如下")
# 年度报告—2022年 and （2023-01-15） go on with their title.
_SITE_NAME = re.compile(r"(?:[_|｜]|\s[-–—]\s(?!\d)|[-–—]{1,2}(?![-–—\s\d])|[-–—]{1,2}\s(?!\d)).*$")


def read_title(text: str) -> Title:
    """Read a title: the organ as printed, the report year, and what the page says it is.

    A title that names neither organ nor year (``政府信息公开年报``) is ``OTHER``: columns are called so as often
    as reports, and only the page can tell. Without a year between them, a territory keeps the word 政府
    (``青山镇政府信息公开工作年度报告`` → ``青山镇政府``), and so does 人民 (``青山镇人民政府信息公开年报``).
    A report of several years (``2021-2022年``) has no year: which one it fulfils only its text can say.
    """
    printed = _without_site_name(_BLANKS.sub(" ", text).strip())
    compact = _without_column(printed)
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


def cannot_be_the_report(text: str) -> bool:
    """Whether a title speaks of a part of a year or of a draft: not the year's report whatever stands under it."""
    compact = _BLANKS.sub("", text).translate(_DIGITS)
    return _is_of_part_of_year(compact) or _DRAFT_PATTERN.search(compact) is not None


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


def _without_column(printed: str) -> str:
    """The title without blanks, full-width digits, and the name of its column in front (【年报】…)."""
    column = _COLUMN_BEFORE.match(printed)
    rest = _BLANKS.sub("", printed[column.end() :] if column else printed).translate(_DIGITS)
    if column and not _REPORT_PATTERN.search(rest):
        return _BLANKS.sub("", printed).translate(_DIGITS)
    return rest


def _kind(compact: str, report: re.Match[str] | None, organ: str | None, year: int | None) -> TitleKind:
    if _is_look_alike(compact, report):
        return TitleKind.LOOK_ALIKE
    if report and (organ or year):
        return TitleKind.REPORT
    return TitleKind.OTHER


def _is_look_alike(compact: str, report: re.Match[str] | None) -> bool:
    if _LOOK_ALIKE_ANYWHERE.search(compact):
        return True
    if report and ((report["on"] and _OF_OTHER_REPORT.search(report["on"])) or _is_of_part_of_year(compact)):
        return True
    if report and _TAIL.fullmatch(compact, report.end()):
        return False
    if not _SUBJECT_PATTERN.search(compact) and "年度报告" not in compact and "年报" not in compact:
        return False
    return bool(_LOOK_ALIKE_END.search(compact) or _LOOK_ALIKE_START.search(compact))


def _is_of_part_of_year(compact: str) -> bool:
    return "全年" not in compact and _OF_PART_OF_YEAR.search(compact) is not None


def _year(compact: str, end: int) -> int | None:
    """The last year before the report's name ends, or the year behind it; None where several are one report's.

    2024年公布2023年…年度报告 is of 2023.
    """
    if _SEVERAL_YEARS.search(compact, 0, end):
        return None
    matches = [*_YEAR.finditer(compact, 0, end)]
    if behind := None if matches else _YEAR_BEHIND.fullmatch(compact, end):
        matches = [behind]
    years = [int(match[1]) if match[1] else chinese_year(match[2].replace("0", "〇")) for match in matches]
    known = [year for year in years if year and FIRST_REPORT_YEAR <= year <= LAST_REPORT_YEAR]
    return known[-1] if known else None


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
    organ = _PRINTED_TWICE.sub(r"\1", _ORGAN_PREFIX.sub("", _ORGAN_SUFFIX.sub("", before)))
    if compact.startswith(organ + "政府信息", subject - len(organ)) and (
        organ.endswith("人民") or (_TERRITORY.search(organ) and not _NOT_TERRITORY.search(organ))
    ):
        organ += "政府"
    if len(organ) < 2 or organ in _COLLECTIVE or len(organ) > LONGEST_ORGAN_NAME or _NO_ORGAN.fullmatch(organ):
        return None
    return organ
