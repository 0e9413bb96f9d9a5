"""By what names are found: themselves, their pinyin, the initials of all usual readings."""

import pytest

from monitor.registry.spelling import folded, place_names, spelled


@pytest.mark.parametrize(
    ("name", "initials", "pinyin"),
    [
        ("焦虎镇", "jhz", "jiaohuzhen"),
        ("重庆市", "cqs", "chongqingshi"),
        ("重庆市", "zqs", ""),
        ("六安市", "las", "luanshi"),
        ("行政审批局", "xzspj", "xingzhengshenpiju"),
        ("Ａ３街道（东）", "a3jdd", "a3jiedaodong"),
    ],
)
def test_initials_and_pinyin(name: str, initials: str, pinyin: str) -> None:
    found = spelled([name])
    assert f"|{initials}|" in found.initials
    assert pinyin in found.pinyin
    assert found.names == f"|{folded(name)}|"


def test_all_names_count_and_what_is_no_name_leaves_nothing() -> None:
    assert spelled(["县发展和改革委员会", "发改委", "发改委"]).names == "|县发展和改革委员会|发改委|"
    assert spelled(["", "（）", "|"]).names == ""
    assert len(spelled(["和会行重长传调" * 10]).initials.split("|")) <= 14, "readings do not multiply"


def test_places_go_by_their_short_names_too() -> None:
    assert place_names("河南省") == ("河南省", "河南")
    assert place_names("峨边彝族自治县") == ("峨边彝族自治县", "峨边彝族")
    assert place_names("滑县") == ("滑县",), "滑 alone is no name that anybody writes"
