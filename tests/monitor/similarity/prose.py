"""Prose of our own in the manner of annual reports: formulaic, from few words, so that much is alike by chance."""

from __future__ import annotations

import random

_HOW = ["认真", "深入", "全面", "持续", "进一步", "扎实", "严格", "积极", "稳步", "主动"]
_DO = ["推进", "加强", "完善", "规范", "强化", "优化", "落实", "健全", "抓好", "做实"]
_WHAT = [
    *("政务公开工作", "信息发布审核", "政务新媒体管理", "依申请公开办理", "公开栏目建设", "基层政务公开标准化"),
    *("政策解读", "村务公开", "财政预算公开", "保密审查", "人员培训", "考核评议", "便民服务", "惠民政策宣传"),
    *("项目招投标公开", "安全生产信息", "民生实事", "救助名单", "热线诉求", "会议公开", "公示栏更新", "档案整理"),
    *("网上互动", "农田建设信息", "防汛信息", "就业信息", "教育资助名单", "危房改造名单", "土地流转信息"),
]
_WHO = ["分管领导", "办公室主任", "党政办", "各村委会", "信息员", "包村干部", "综合办", "专职人员", "班子成员"]
_WHEN = ["每月", "每季度", "按周", "随时", "定期", "年初", "年底", "上半年", "全年", "每半年"]
_RESULT = ["取得较好成效", "群众满意度明显提升", "时效性不断增强", "内容更加规范", "得到群众好评", "效果良好"]
_FRAMES = (
    "{when}{how}{do}{what}，由{who}负责{other}，{result}。",
    "{who}{when}对{what}进行检查，{how}{do}{other}，共{number}次。",
    "一是{how}{do}{what}；",
    "二是{who}{how}{do}{what}，{result}；",
    "三是{when}组织{who}学习{what}有关规定，{do}{other}；",
    "{year}年，{name}通过网站、公众号发布{what}{number}条，{other}{small}条，{result}。",
    "{what}还不够及时，{who}对{other}重视不足。",
    "下一步我镇将{how}{do}{what}，{when}由{who}通报{other}情况。",
)


def sentence(random: random.Random, name: str = "我镇", year: int = 2023) -> str:
    """One sentence of a report."""
    return random.choice(_FRAMES).format(
        when=random.choice(_WHEN),
        how=random.choice(_HOW),
        do=random.choice(_DO),
        what=random.choice(_WHAT),
        other=random.choice(_WHAT),
        who=random.choice(_WHO),
        result=random.choice(_RESULT),
        number=random.randint(1, 400),
        small=random.randint(1, 9),
        name=name,
        year=year,
    )


def narrative(random: random.Random, name: str = "我镇", year: int = 2023, sentences: int | None = None) -> str:
    """The prose of a report: so many sentences, or 12 to 40."""
    number = sentences or random.randint(12, 40)
    return "\n".join("".join(sentence(random, name, year) for _ in range(4)) for _ in range(-(-number // 4)))


def renumbered(text: str, random: random.Random) -> str:
    """The text with other numbers, as a copy has them."""
    return "".join(str(random.randint(0, 9)) if character.isdigit() else character for character in text)
