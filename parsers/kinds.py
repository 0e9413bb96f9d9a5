"""What a document is that is no report: a reading of one, a notice, a letter, a list, a challenge, an empty shell.

The words of challenges and of missing pages are those by which the crawler tells what an answer is worth, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.documents.model import HTML, Block, Document, Grid, Paragraph
from parsers.schema import FinerKind
from parsers.titles import Title, TitleKind, is_report_name

# Marks in the source of challenge pages: 加速乐, 阿里云, 瑞数, 创宇盾, Cloudflare, 极验.
CHALLENGE_SOURCE = re.compile(
    rb"__jsl_clearance|acw_sc__v[23]|\barg1\s*=\s*['\"][0-9A-F]{32,}|\$_ts\s*=|_\$[a-z0-9]{2,4}=\$_ts|"
    rb"cf-chl|cf_chl_|challenge-platform|initGeetest|/TSPD/|yunsuo_session|waf_captcha|_wafchallengeid",
    re.IGNORECASE,
)
CHALLENGE_WORDS = re.compile(
    r"(?:请输入|输入|图形|滑动|拖动|完成).{0,6}验证|人机验证|安全验证|访问(?:行为)?异常|访问过于频繁|请求过于频繁|"
    r"(?:您的)?(?:访问|请求).{0,12}(?:被拦截|被阻断|被拒绝|已拦截)|浏览器安全检查|正在进行安全检查|正在检查.{0,4}浏览器"
)
MISSING_WORDS = re.compile(
    r"(?:页面|网页|文件|文档|文章|内容|信息|栏目|资源|网址|链接|地址).{0,8}(?:不存在|未找到|没有找到|找不到|已(?:经)?(?:被)?(?:删除|移除|下线|撤销|失效))"
    r"|(?:找不到|未找到|不存在).{0,8}(?:页面|网页|文件|文档|文章|内容|信息|资源)"
    r"|已(?:经)?(?:被)?(?:删除|移除|下线)|404\s*(?:not\s*found|错误|页面)|(?:page|file)\s*not\s*found",
    re.IGNORECASE,
)
FEW_WORDS = 400
"""So many characters at most stand on a challenge page or on the notice of a missing page."""
FAR_INTO_THE_SOURCE = 100_000
"""Bytes of a page's source among which the marks of a challenge stand."""

_LIST_OF_REPORTS = 3
_OTHER_YEARS_BESIDE = 6
_EMPTY = 60
_LONG_SENTENCE = 40
_ARTICLE = 300

_INFOGRAPHIC = re.compile("一图读懂|一图看懂|一图了解|图解|图说|图文解读|图表解读|图片解读|长图")
_INTERPRETATION = re.compile(r"解读|问答|答记者问|新闻发布会|速览|看点|导读|摘要|说明(?:[（(].*[)）])?$")
_LETTER = re.compile(r"的?函(?:[（(].*[)）])?$|^(?:关于)?(?:报送|上报|呈报|报备)")
_NOTICE = re.compile(
    r"(?:通知|通报|公告|公示|催办函|(?:公布|发布|报送|编制)情况|(?:编制|编报|撰写|填报|报送)(?:工作|事宜|事项))(?:[（(].*[)）])?$"
    r"|^(?:关于)?(?:做好|开展|印发|部署|进一步做好|通报)"
)
_LETTER_PROSE = re.compile(
    r"现将.{0,80}?(?:报送|呈报|上报|报上|报来|报给)|请(?:予)?(?:审阅|查收|审示|批阅|审核|审查)|特此(?:函|报)|此函"
)
_NOTICE_PROSE = re.compile(r"现(?:将|予).{0,80}?(?:公布|公告|公示|公开|发布)|特此(?:公告|公示|通知)")
# 上一篇 and 下一篇 stand under an article, 上一页 and 下一页 under a list.
_PAGER = re.compile(r"上一页.{0,60}下一页|下一页.{0,20}(?:尾页|末页)|共\s*\d+\s*页")
_BLANKS = re.compile(r"\s+")


def is_challenge(data: bytes, document: Document) -> bool:
    """Whether a page asks its reader to prove to be one, instead of showing anything."""
    words = " ".join([document.title, *(block.text for block in document.blocks if isinstance(block, Paragraph))])
    if len(words) > FEW_WORDS or any(isinstance(block, Grid) for block in document.blocks):
        return False
    return bool(CHALLENGE_SOURCE.search(data, 0, FAR_INTO_THE_SOURCE) or CHALLENGE_WORDS.search(words))


def finer_kind(title: Title | None, blocks: Sequence[Block], media_type: str) -> FinerKind:
    """What a document is that was found to be no report, by its title first and by what stands on it."""
    name = _BLANKS.sub("", title.text) if title else ""
    is_reports_own = title is not None and title.kind is TitleKind.REPORT
    if named := None if is_reports_own else _by_title(name):
        return named
    prose = "".join(block.text for block in blocks if isinstance(block, Paragraph) and not block.linked)
    listed = 0 if _is_article(blocks) else _listed_reports(blocks)
    if listed >= (_OTHER_YEARS_BESIDE if is_reports_own else 1 if is_report_name(name) else _LIST_OF_REPORTS):
        return FinerKind.LIST_PAGE
    if not is_reports_own and len(prose) <= FEW_WORDS and _PAGER.search(prose):
        return FinerKind.LIST_PAGE
    if is_reports_own:
        if _LETTER.search(name) or _LETTER_PROSE.search(prose):
            return FinerKind.COVERING_LETTER
        return FinerKind.NOTICE if _NOTICE_PROSE.search(prose) else FinerKind.EMPTY_SHELL
    if len(prose) <= FEW_WORDS and MISSING_WORDS.search(name + prose):
        return FinerKind.EMPTY_SHELL
    has_content = len(prose) > _EMPTY or not all(isinstance(block, Paragraph) for block in blocks)
    return FinerKind.OTHER if has_content or media_type != HTML else FinerKind.EMPTY_SHELL


def _by_title(name: str) -> FinerKind | None:
    if _INFOGRAPHIC.search(name):
        return FinerKind.INFOGRAPHIC
    if _INTERPRETATION.search(name):
        return FinerKind.INTERPRETATION
    if _LETTER.search(name):
        return FinerKind.COVERING_LETTER
    return FinerKind.NOTICE if _NOTICE.search(name) else None


def _is_article(blocks: Sequence[Block]) -> bool:
    """Whether sentences stand on the document: what it links to is beside them then."""
    sentences = (
        block.text for block in blocks if isinstance(block, Paragraph) and not block.linked and "。" in block.text
    )
    return sum(len(text) for text in sentences if len(text) >= _LONG_SENTENCE) >= _ARTICLE


def _listed_reports(blocks: Sequence[Block]) -> int:
    """How many different reports the document links to by their names."""
    return len(
        {
            _BLANKS.sub("", block.text)
            for block in blocks
            if isinstance(block, Paragraph) and block.linked and is_report_name(block.text)
        }
    )
