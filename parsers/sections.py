"""The six sections of a report: where each begins, its prose, and what is odd about its headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from parsers.documents.model import Block, Grid, Paragraph
from parsers.forms import load_form, official_wordings
from parsers.labels import label_key, plain
from parsers.schema import Lint, Section

LONGEST_HEADING = 60
LONGEST_INNER_HEADING = 40
CHINESE_NUMBERS = "一二三四五六七八九十"

_NUMBERED = re.compile(
    r"[#*\s　]*(?:第([一二三四五六七八九十])部分[、:：\s]*|([一二三四五六七八九十])\s*[、.．]\s*"
    r"|(\d{1,2})\s*[、.．]\s*)"
)
_BRACKETED = re.compile(r"[#*\s　]*[（(]\s*[一二三四五六七八九十\d]{1,2}\s*[)）]")
_RESTARTED = re.compile(r"[#*\s　]*[一二三四五六七八九十]\s*[、.．]\s*\S")
_ENDS_HEADING = "：:。，,;； 　\t\xa0"
_SENTENCE_MARKS = re.compile(r"[。；;！!？?：:]")
_GOES_ON = re.compile("[，。；]")
# A heading names a matter; an item of a list says something.
_NAMES_A_MATTER = re.compile(r"(?:情况|事项|方面|建设|管理|公开|保障|措施|问题|改进|监督|解读|工作|建议|数据)$")
_ASPECT_ENDINGS = ("情况", "方面")
# What stands under an article on a portal's page.
_PAGE_END = re.compile(
    r"(?:附件(?:下载|列表)?|相关附件|扫一扫.*|\[?【?(?:打印(?:本页)?|关闭(?:窗口|本页)?|纠错)】?\]?.*|上一篇.*|下一篇.*|相关(?:链接|文章|信息|阅读|文档|解读)|"
    r"分享(?:到|至).*|主办(?:单位|[:：]).*|承办(?:单位|[:：]).*|版权所有.*|网站标识码.*|友情链接|网站地图.*|联系我们.*|责任编辑.*|编辑[:：].*|"
    r"(?:信息)?来源[:：].*|文字解读|图片解读|.*ICP备.*|.*公网安备.*)"
)

OFFICIAL, VARIANT, BY_WORDS = 6, 5, 3
OFFICIAL_WITHOUT_NUMBER, VARIANT_WITHOUT_NUMBER = 4, 2
OFFICIAL_WITH_OTHER_NUMBER = 2
# So many titles one under the other are a table of contents.
FEWEST_CONTENTS = 3
WEIGHT_OF_TABLE = 1000
# Below this score a heading is believed only where it stands in order between the others.
SURE = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A paragraph that may be the heading of a section. ``rest`` is prose that has run into it."""

    position: int
    number: int
    score: int
    text: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """A document cut into its sections.

    ``bodies`` holds each present section's blocks. ``before`` are the blocks before the first section,
    ``after`` those behind the last one's end (the page's foot). ``container`` is the CSS path, with a closing
    ``>``, of the innermost element of a page that holds every section's heading.
    """

    sections: dict[int, Section]
    bodies: dict[int, tuple[Block, ...]]
    before: tuple[Block, ...]
    after: tuple[Block, ...]
    lints: tuple[Lint, ...]
    container: str = ""

    def holds(self, paragraph: Paragraph) -> bool:
        """Whether a paragraph stands in the element that holds the report."""
        path = paragraph.place.path
        return not self.container or path is None or (path + ">").startswith(self.container)


def unfold(blocks: Sequence[Block]) -> list[Block]:
    """Take section headings and prose that stand in rows of a table out of it: some pages are one big table."""
    unfolded: list[Block] = []
    for block in blocks:
        if not isinstance(block, Grid):
            unfolded.append(block)
            continue
        start = 0
        for position, row in enumerate(block.rows):
            if len(row.own) != 1:
                continue
            cells = [cell for cell in row.cells if cell.text.strip()]
            if len(cells) != 1 or cells[0].row != row.number:
                continue
            text = cells[0].text
            if "。" in text or heading_of(text, position, sure_only=True):
                if position > start:
                    unfolded.append(_part(block, start, position))
                place = block.place(cells[0])
                unfolded.extend(Paragraph(line, place) for line in text.split("\n") if line.strip())
                start = position + 1
        if start < len(block.rows):
            unfolded.append(_part(block, start, len(block.rows)) if start else block)
    return _with_whole_headings(unfolded)


def _with_whole_headings(blocks: list[Block]) -> list[Block]:
    """Headings broken over two lines put together: both lines are a heading's known wording, the first is none."""
    kept: list[Block] = []
    for block in blocks:
        before = kept[-1] if kept else None
        if (
            isinstance(block, Paragraph)
            and isinstance(before, Paragraph)
            and len(before.text) + len(block.text) <= LONGEST_HEADING
            and _NUMBERED.match(before.text)
            and _is_known(before.text + block.text)
            and not _is_known(before.text)
        ):
            kept[-1] = replace(before, text=before.text + block.text)
        else:
            kept.append(block)
    return kept


def _is_known(text: str) -> bool:
    heading = heading_of(text, 0)
    return heading is not None and heading.score >= VARIANT and not heading.rest


def _part(grid: Grid, start: int, end: int) -> Grid:
    return Grid(grid.number, grid.rows[start:end], grid.exact, grid.counted)


def outline(blocks: Sequence[Block]) -> Outline:
    """Cut a document into the six sections of the form.

    A section is found by its title and number together; a restart of the numbering inside a section (seed 002)
    therefore opens none. Where a title stands twice (a table of contents) the one with the longer text counts.
    """
    headings = _choose(blocks, _candidates(blocks))
    lints: list[Lint] = []
    first = headings[0].position if headings else len(blocks)
    end = _end_of_article(blocks, headings)
    sections: dict[int, Section] = {}
    bodies: dict[int, tuple[Block, ...]] = {}
    for heading, following in zip(headings, [*(h.position for h in headings[1:]), end], strict=False):
        body = tuple(blocks[heading.position + 1 : following])
        paragraph = blocks[heading.position]
        assert isinstance(paragraph, Paragraph)
        lines = [block.text for block in body if isinstance(block, Paragraph)]
        if heading.rest:
            lines.insert(0, heading.rest)
            lints.append(Lint("L-04", f"“{heading.text}”与正文连成一段", paragraph.place))
        sections[heading.number] = Section(heading.number, True, heading.text, "\n".join(lines), paragraph.place)
        bodies[heading.number] = body
        lints += _lints_of_heading(heading, paragraph)
        lints += _lints_of_body(heading, paragraph, body)
    for number in range(1, 7):
        sections.setdefault(number, Section(number, False))
    return Outline(
        {number: sections[number] for number in sorted(sections)},
        bodies,
        tuple(blocks[:first]),
        tuple(blocks[end:]),
        tuple(lints),
        _common_container(blocks, headings),
    )


def heading_of(text: str, position: int, *, sure_only: bool = False) -> Heading | None:
    """What section a paragraph may be the heading of, or None."""
    numbered = _NUMBERED.match(text)
    if numbered is None and (len(text) > LONGEST_HEADING or _BRACKETED.match(text)):
        return None
    number = 0
    rest = text
    if numbered:
        digits = numbered[1] or numbered[2]
        number = CHINESE_NUMBERS.index(digits) + 1 if digits else -1
        rest = text[numbered.end() :]
    heading = _title_score(number, rest) if len(text) <= LONGEST_HEADING else None
    if number > 0 and (heading is None or (heading[1] == BY_WORDS and _GOES_ON.search(rest))):
        run_in = _run_in(text, rest, number, position)
        if heading is None or run_in:
            return run_in
    if heading is None or (sure_only and (heading[1] < SURE or number < 1)):
        return None
    return Heading(position, heading[0], heading[1], text.strip("#* 　\t"))


@cache
def _titles() -> dict[str, tuple[int, bool]]:
    return {
        label_key(wording): (section.number, wording == section.title)
        for section in load_form("2021").sections
        for wording in (section.title, *section.variants)
    }


def _title_score(number: int, title: str) -> tuple[int, int] | None:
    """Section and score of a title; ``number`` is 0 without and -1 with an Arabic number before it."""
    comparable = label_key(title.rstrip("*# 　。：:"))
    known = _titles().get(comparable)
    if known:
        section, official = known
        if number == section:
            return section, OFFICIAL if official else VARIANT
        if number == 0:
            if official:
                return section, OFFICIAL_WITHOUT_NUMBER
            return (section, VARIANT_WITHOUT_NUMBER) if len(comparable) > 5 else None
        return (section, OFFICIAL_WITH_OTHER_NUMBER) if official else None
    if (
        1 <= number <= 6
        and len(title) <= LONGEST_INNER_HEADING
        and not _SENTENCE_MARKS.search(title.rstrip("。：:"))
    ):
        words = load_form("2021").sections[number - 1].words
        if any(word in comparable for word in words):
            return number, BY_WORDS
    return None


def _run_in(text: str, rest: str, number: int, position: int) -> Heading | None:
    """A heading that goes on as prose in the same paragraph (L-04)."""
    for section in load_form("2021").sections:
        if section.number != number:
            continue
        for wording in (section.title, *section.variants):
            length = _printed_length(rest, wording)
            if not length:
                continue
            cut = len(text) - len(rest) + length
            prose = text[cut:].lstrip(_ENDS_HEADING)
            if rest[length : length + 1] in _ENDS_HEADING:
                score = OFFICIAL if wording == section.title else VARIANT
                return Heading(position, number, score, text[:cut], prose)
            if wording == section.title and _GOES_ON.search(prose):
                # Bold print may have been all that parted the two.
                return Heading(position, number, BY_WORDS, text[:cut], prose)
    return None


def _printed_length(text: str, wording: str) -> int:
    """How many characters of ``text`` print ``wording`` at its beginning, blanks ignored; 0 where it does not."""
    wanted = iter(wording)
    expected = next(wanted)
    for index, character in enumerate(text):
        if character.isspace():
            continue
        if character != expected:
            return 0
        following = next(wanted, None)
        if following is None:
            return index + 1
        expected = following
    return 0


def _candidates(blocks: Sequence[Block]) -> list[Heading]:
    found: list[Heading] = []
    for position, block in enumerate(blocks):
        if isinstance(block, Paragraph) and not block.linked and len(block.text) > 3:
            heading = heading_of(block.text, position)
            if heading:
                found.append(heading)
    return found


def _choose(blocks: Sequence[Block], candidates: Sequence[Heading]) -> list[Heading]:
    """One heading a section: the best title, and of equals the one that more stands under."""
    weights = _weights(blocks, candidates)
    contents = _contents(candidates)
    chosen: dict[int, Heading] = {}
    for sure in (True, False):
        for number in range(1, 7):
            if number in chosen:
                continue
            fitting = [
                heading
                for heading in candidates
                if heading.number == number
                and (heading.score >= SURE if sure else heading.score < SURE and _in_order(heading, chosen))
            ]
            if fitting:
                chosen[number] = max(
                    fitting,
                    key=lambda heading: (
                        heading.position not in contents,
                        heading.score,
                        weights[heading.position],
                        -heading.position,
                    ),
                )
    return sorted(chosen.values(), key=lambda heading: heading.position)


def _contents(candidates: Sequence[Heading]) -> set[int]:
    """The positions of titles that stand one right under the other, as in a table of contents or a menu."""
    found: set[int] = set()
    run: list[Heading] = []
    for heading in candidates:
        if run and (heading.position != run[-1].position + 1 or heading.number <= run[-1].number):
            run = []
        run.append(heading)
        if len(run) >= FEWEST_CONTENTS:
            found.update(entry.position for entry in run)
    return found


def _weights(blocks: Sequence[Block], candidates: Sequence[Heading]) -> dict[int, int]:
    """How much stands between each candidate and the next."""
    positions = [heading.position for heading in candidates]
    weights: dict[int, int] = {}
    for position, following in pairwise([*positions, len(blocks)]):
        weights[position] = 0
        for block in blocks[position + 1 : following]:
            if isinstance(block, Grid):
                weights[position] += WEIGHT_OF_TABLE
            elif isinstance(block, Paragraph):
                if _PAGE_END.fullmatch(block.text):
                    break
                weights[position] += len(block.text)
    return weights


def _in_order(heading: Heading, chosen: dict[int, Heading]) -> bool:
    return all(
        (other.position < heading.position) == (number < heading.number) for number, other in chosen.items()
    )


def _end_of_article(blocks: Sequence[Block], headings: Sequence[Heading]) -> int:
    """Where the last section ends: with the element that holds the headings, or at words of the page's foot."""
    if not headings:
        return len(blocks)
    container = _common_container(blocks, headings)
    for position in range(headings[-1].position + 1, len(blocks)):
        block = blocks[position]
        path = block.rows[0].cells[0].path if isinstance(block, Grid) and block.rows[0].cells else None
        if not isinstance(block, Grid):
            path = block.place.path
        if container and path and not (path + ">").startswith(container):
            return position
        if isinstance(block, Paragraph) and _PAGE_END.fullmatch(block.text):
            return position
    return len(blocks)


def _common_container(blocks: Sequence[Block], headings: Sequence[Heading]) -> str:
    """The CSS path, with a closing ``>``, of the innermost element that holds every heading's element."""
    if len(headings) < 2:
        return ""
    paths: list[list[str]] = []
    for heading in headings:
        block = blocks[heading.position]
        if not isinstance(block, Paragraph) or block.place.path is None:
            return ""
        # The element around the paragraph's own: a heading alone in its <p> is held by what holds the <p>.
        paths.append(block.place.path.split(">")[:-1])
    common: list[str] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        common.append(steps[0])
    return ">".join(common) + ">" if common else ""


def _lints_of_heading(heading: Heading, paragraph: Paragraph) -> list[Lint]:
    if heading.score in (OFFICIAL, OFFICIAL_WITHOUT_NUMBER):
        return []
    official = load_form("2021").sections[heading.number - 1].title
    if heading.rest and label_key(heading.text) == label_key(official):
        return []
    return [Lint("L-02", f"标题“{heading.text}”是“{official}”的不同写法", paragraph.place)]


def _lints_of_body(heading: Heading, paragraph: Paragraph, body: Sequence[Block]) -> list[Lint]:
    lints: list[Lint] = []
    prose = [block for block in body if isinstance(block, Paragraph)]
    restarted = [block for block in prose if _is_restarted(block.text)]
    if restarted:
        names = "；".join(block.text.strip()[:LONGEST_INNER_HEADING] for block in restarted)
        lints.append(
            Lint(
                "restarted-numbering",
                f"第{CHINESE_NUMBERS[heading.number - 1]}部分内又从头编号：{names}",
                restarted[0].place,
            )
        )
    if not body and not heading.rest:
        lints.append(Lint("empty-heading", f"“{heading.text}”下没有内容", paragraph.place))
    for position, block in enumerate(body):
        if not isinstance(block, Paragraph):
            continue
        following = body[position + 1] if position + 1 < len(body) else None
        if _is_bracketed_heading(block.text) and (
            following is None or (isinstance(following, Paragraph) and _BRACKETED.match(following.text))
        ):
            lints.append(Lint("empty-heading", f"“{block.text.strip()}”下没有内容", block.place))
        last = _last_sentence(block.text)
        if last.endswith(_ASPECT_ENDINGS) and last != block.text.strip() and _is_aspect(last):
            lints.append(Lint("L-04", f"小标题“{last}”混在上一段末尾", block.place))
    return lints


def _is_restarted(text: str) -> bool:
    return (
        bool(_RESTARTED.match(text))
        and len(text) <= LONGEST_INNER_HEADING
        and not _SENTENCE_MARKS.search(text.rstrip("。：: 　"))
    )


def _is_bracketed_heading(text: str) -> bool:
    text = text.strip()
    match = _BRACKETED.match(text)
    return (
        match is not None
        and len(text) <= LONGEST_HEADING
        and not _SENTENCE_MARKS.search(text)
        and "，" not in text
        and bool(_NAMES_A_MATTER.search(text))
    )


def _last_sentence(text: str) -> str:
    sentences = [sentence for sentence in text.split("。") if sentence.strip()]
    return sentences[-1].strip() if sentences else ""


@cache
def _aspects() -> frozenset[str]:
    wordings = official_wordings()
    words = (*wordings["aspects"], *wordings["aspect_variants"])
    return frozenset(f"{word}{ending}" for word in words for ending in ("情况", "方面", "工作情况"))


def _is_aspect(sentence: str) -> bool:
    return len(sentence) <= LONGEST_INNER_HEADING and plain(sentence) in _aspects()
