"""What the printed name of an organ says of its kind; most names say it, and one that does not is left open."""

from __future__ import annotations

import re

from parsers.schema import OrganKind

_BRACKETS = re.compile(r"[（(].*?[）)]|\s")
_GOVERNMENT = r"(?:人民政府|政府)?$"

# In this order: a name is of the first kind that it fits. 街道 before 道, 管理委员会 of a zone before 委员会.
_KINDS: tuple[tuple[OrganKind, re.Pattern[str]], ...] = (
    (OrganKind.SUBDISTRICT, re.compile(r"街道(?:办事处|办)?$|街办事处$")),
    (OrganKind.TOWNSHIP, re.compile(rf".(?:镇|乡|苏木){_GOVERNMENT}")),
    (
        OrganKind.ZONE,
        re.compile(
            r"(?:区|园|新城|基地)(?:党工委)?(?:管理委员会|管委会)$"
            r"|(?:开发|高新|经开|示范|产业园|工业园|产业集聚|风景名胜|风景|旅游度假|度假|保税|自由贸易试验|出口加工)区$"
        ),
    ),
    (OrganKind.PROVINCE, re.compile(rf"(?:.省|.自治区|^(?:北京|天津|上海|重庆)市){_GOVERNMENT}")),
    (OrganKind.PREFECTURE, re.compile(rf".(?:自治州|盟){_GOVERNMENT}|地区(?:行政公署|行署)$")),
    (OrganKind.COUNTY, re.compile(rf".(?:县|自治县|旗){_GOVERNMENT}|.(?<!新)区(?:人民政府|政府)$")),
    (
        OrganKind.DEPARTMENT,
        re.compile(r".(?:局|厅|署)$|(?<![居村民])委员会$|.(?<![管居村党])委$|(?:办公室|.办|研究室)$"),
    ),
)
# Parties, courts, assemblies and committees of residents are none of the kinds that report.
_NONE = re.compile(
    r"^中共|党委$|纪律检查委员会|(?:居民|村民|业主|党)委员会$|法院$|检察院$|常务委员会$|(?<!监督)管理委员会$|管委会$"
)
_DEPARTMENT_AFTER_ALL = re.compile(r"(?:城市|市政|公用|交通|林业|水利|行政审批|综合)管理委员会$")


def organ_kind(name: str | None) -> OrganKind | None:
    """The kind of the organ that bears the printed name, or None where the name does not tell it.

    A bare 市 is a prefecture or a county, a bare 区 a district or a zone: both are None.
    """
    if not name:
        return None
    compact = _BRACKETS.sub("", name)
    if _DEPARTMENT_AFTER_ALL.search(compact):
        return OrganKind.DEPARTMENT
    kind = next((kind for kind, pattern in _KINDS if pattern.search(compact)), None)
    return None if kind is OrganKind.DEPARTMENT and _NONE.search(compact) else kind
