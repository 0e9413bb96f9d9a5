"""Chinese on English pages is marked as such, and nothing else is touched."""

import pytest

from monitor.marking import marked

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
        ("<title>a 县 in it</title><textarea>县</textarea>", "<title>a 县 in it</title><textarea>县</textarea>"),
        ("<title>滑县2023年度 · page</title>", '<title lang="zh">滑县2023年度 · page</title>'),
        ('<input name="a" value="公开">', '<input lang="zh" name="a" value="公开">'),
        ('<input name="县" value="open">', '<input name="县" value="open">'),
        (
            '<svg aria-label="滑县"><text x="1">滑县 4</text></svg>县',
            f'<svg lang="zh" aria-label="滑县"><text x="1">滑县 4</text></svg>{ZH}县</span>',
        ),
        (
            '<svg aria-label="counts"><text x="1">滑县 4</text></svg>',
            '<svg aria-label="counts"><text x="1"><tspan lang="zh">滑县</tspan> 4</text></svg>',
        ),
        ('<option value="1">滑县 410526</option>', '<option lang="zh" value="1">滑县 410526</option>'),
        ("<option>Amounts are in 万元</option>", "<option>Amounts are in 万元</option>"),
        ("<p>plain, （resolved） 3 < 4</p>", "<p>plain, （resolved） 3 < 4</p>"),
    ],
)
def test_pieces_of_chinese_are_marked(html: str, expected: str) -> None:
    page = f'<html lang="en"><body>{html}</body></html>'
    assert marked(page) == f'<html lang="en"><body>{expected}</body></html>'
