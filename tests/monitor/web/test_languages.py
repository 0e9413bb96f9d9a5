"""Chinese on English pages is marked as such, and nothing else is touched."""

import pytest

from monitor.web.languages import marked

ZH = '<span lang="zh">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>滑县焦虎镇: missing</p>", f"<p>{ZH}滑县焦虎镇</span>: missing</p>"),
        ("<p>column “自然人”“总计”: 3</p>", f"<p>column “{ZH}自然人”“总计</span>”: 3</p>"),
        ("<td>表三 （七）总计 · 自然人</td>", f"<td>{ZH}表三 （七）总计 · 自然人</span></td>"),
        ("<td>2021年格式 but 2019</td>", f"<td>2021{ZH}年格式</span> but 2019</td>"),
        ("<p>A&amp;B 滑县&lt;b&gt;县</p>", f"<p>A&amp;B {ZH}滑县</span>&lt;b&gt;{ZH}县</span></p>"),
        ('<a lang="zh-CN" href="/">中文</a><b>县</b>', f'<a lang="zh-CN" href="/">中文</a><b>{ZH}县</span></b>'),
        ('<p lang="zh">县<b lang="en">a</b>县<br>县</p>', '<p lang="zh">县<b lang="en">a</b>县<br>县</p>'),
        ('<a title="县 > 镇">x</a>', '<a title="县 > 镇">x</a>'),
        ("<title>县</title><textarea>县</textarea>", "<title>县</title><textarea>县</textarea>"),
        ('<option value="1">滑县 410526</option>', '<option lang="zh" value="1">滑县 410526</option>'),
        ("<option>Amounts are in 万元</option>", "<option>Amounts are in 万元</option>"),
        ("<p>plain, （resolved） 3 < 4</p>", "<p>plain, （resolved） 3 < 4</p>"),
    ],
)
def test_pieces_of_chinese_are_marked(html: str, expected: str) -> None:
    page = f'<html lang="en"><body>{html}</body></html>'
    assert marked(page) == f'<html lang="en"><body>{expected}</body></html>'
