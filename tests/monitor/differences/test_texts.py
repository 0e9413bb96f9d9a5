"""The words of two reports beside each other: nothing lost, and news told from what goes on."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.differences.texts import Kind, Piece, compare_sections, compare_texts, split
from tests.monitor.rules.building import build_report

SENTENCES = st.lists(
    st.text(alphabet="公开信息申请年12345。；条件 \n2022年2023", min_size=1, max_size=30), min_size=0, max_size=8
).map("".join)


def kinds(before: str, after: str, moved: int = 1) -> list[Kind]:
    """What became of each sentence."""
    return [one.kind for one in compare_texts(before, after, moved)]


def test_a_sentence_in_which_only_the_year_moved_on_is_no_news() -> None:
    assert kinds("2022年没有收到申请。", "2023年没有收到申请。") == [Kind.YEAR_ONLY]
    assert kinds("2021年没有收到申请。", "2023年没有收到申请。") == [Kind.NUMBERS_ONLY]
    assert kinds("公开20条。", "公开 20 条。") == [Kind.KEPT]


def test_other_numbers_in_the_same_sentence_are_told_as_such() -> None:
    (change,) = compare_texts("全年公开1,203条。", "全年公开98条。")
    assert change.kind is Kind.NUMBERS_ONLY
    assert change.pieces == (
        Piece(Kind.KEPT, "全年公开"),
        Piece(Kind.REMOVED, "1,203"),
        Piece(Kind.ADDED, "98"),
        Piece(Kind.KEPT, "条。"),
    )


def test_a_rewritten_sentence_shows_what_went_and_what_came() -> None:
    (change,) = compare_texts(
        "建立平台日常巡查制度，对错别字发现即改。", "建立平台日常巡查制度，对过期信息发现即改。"
    )
    assert change.kind is Kind.CHANGED
    assert [(piece.mark, piece.text) for piece in change.pieces] == [
        (Kind.KEPT, "建立平台日常巡查制度，对"),
        (Kind.REMOVED, "错别字"),
        (Kind.ADDED, "过期信息"),
        (Kind.KEPT, "发现即改。"),
    ]


def test_sentences_that_have_nothing_in_common_are_removed_and_added() -> None:
    assert kinds("加强保密审查。", "举办开放日活动三次。") == [Kind.ADDED, Kind.REMOVED]
    assert kinds("", "新的一句。") == [Kind.ADDED]
    assert kinds("旧的一句。", "") == [Kind.REMOVED]


def test_a_section_that_went_or_came_is_told() -> None:
    before = build_report("2021", 2022)
    after = build_report("2021", 2023, absent_sections=(6,))
    sections = {section.number: section for section in compare_sections(before, after)}
    assert sections[6].there == (True, False)
    assert {sections[number].there for number in range(1, 6)} == {(True, True)}
    assert not sections[1].shown
    assert sections[1].count(Kind.YEAR_ONLY)


@given(SENTENCES, SENTENCES)
def test_no_word_of_either_text_is_lost_or_made_up(before: str, after: str) -> None:
    changes = compare_texts(before, after, 1)
    assert sorted(one.before for one in changes if one.before is not None) == sorted(split(before))
    assert [one.after for one in changes if one.after is not None] == split(after)
    for one in changes:
        kept_or_removed = "".join(piece.text for piece in one.pieces if piece.mark is not Kind.ADDED)
        kept_or_added = "".join(piece.text for piece in one.pieces if piece.mark is not Kind.REMOVED)
        if one.kind in (Kind.KEPT, Kind.YEAR_ONLY, Kind.NUMBERS_ONLY, Kind.CHANGED):
            assert (kept_or_removed, kept_or_added) == (one.before, one.after)


@given(SENTENCES)
def test_a_text_beside_itself_is_unchanged(text: str) -> None:
    assert {one.kind for one in compare_texts(text, text)} <= {Kind.KEPT}
