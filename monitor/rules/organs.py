"""What rules may say of an organ: its kind, its level, and whether two names are the same organ's.

The register speaks first; where there is none, only names that leave no doubt are read.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.rules.base import OrganKind, Subject

_BLANKS = re.compile(r"\s+")
_TOWNSHIP = re.compile(r"(?:镇|乡|苏木)(?:人民政府|政府)?$")
_SUBDISTRICT = re.compile(r"街道(?:办事处)?$")
_COUNTY = re.compile(r"县(?:人民政府|政府)$")
_COUNTY_DEPARTMENT = re.compile(r"^[^县]{1,20}县(?!级).{2,}(?:局|委员会|委|办公室)$")
_GOVERNMENT = re.compile(r"(?:镇|乡|街道|街道办事处|人民政府|政府)$")
_GOVERNMENT_KINDS = frozenset(
    {OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT, OrganKind.COUNTY, OrganKind.PREFECTURE, OrganKind.PROVINCE}
)
_LEVEL_END = re.compile(r"(?:省|自治区|自治州|市|县|区|旗|州|盟)$")
_GRASSROOTS = re.compile(r"(?:镇|乡|街道|苏木)$")


def compact(text: str) -> str:
    """The text without any blanks."""
    return _BLANKS.sub("", text)


def kind_of(subject: Subject) -> OrganKind | None:
    """The organ's kind: the register's, else what the printed name says without doubt, else None."""
    if subject.organ:
        return subject.organ.kind
    name = compact(subject.report.organ or "")
    if _TOWNSHIP.search(name):
        return OrganKind.TOWNSHIP
    if _SUBDISTRICT.search(name):
        return OrganKind.SUBDISTRICT
    if _COUNTY.search(name):
        return OrganKind.COUNTY
    if _COUNTY_DEPARTMENT.search(name):
        return OrganKind.DEPARTMENT
    return None


def has_no_lawmaking_power(subject: Subject) -> bool:
    """Whether the organ surely cannot make 规章 (立法法): townships, county governments, county departments.

    Cities with districts, the few cities without them that may legislate, and all above stay out.
    """
    kind = kind_of(subject)
    if kind in (OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT):
        return True
    if kind in (OrganKind.COUNTY, OrganKind.DEPARTMENT):
        return subject.organ is None or subject.organ.county_code[4:6] not in ("", "00")
    return False


def is_government(subject: Subject) -> bool | None:
    """Whether the organ is a government of any level (subdistricts count with them), None when not known."""
    if subject.organ:
        return subject.organ.kind in _GOVERNMENT_KINDS
    name = compact(subject.report.organ or "")
    return bool(_GOVERNMENT.search(name)) if name else None


@lru_cache(maxsize=8192)
def core_name(name: str) -> str:
    """A name in one way of writing: 东街办事处 is 东街街道, 柳溪镇人民政府 is 柳溪镇, 县政府办公室 is 县政府办."""
    name = re.sub(r"[（(].*?[）)]", "", compact(name))
    name = re.sub(r"(?:人民政府|政府)$", "", name)
    name = re.sub(r"街道办(?:事处)?$", "街道", name)
    name = re.sub(r"(?<!街道)办事处$", "街道", name)
    name = re.sub(r"管理委员会$", "管委会", name)
    name = re.sub(r"(?:人民)?政府办(?:公室)?$", "政府办", name)
    return re.sub(r"委员会$", "委", re.sub(r"办公室$", "办", name))


def same_organ(printed: str, registered: str) -> bool:
    """Whether two names of one county are the same organ's.

    The one may lead with province, city or county; an office (not a township: 乡, 镇 and 街道 are told apart by
    the last character) may be printed in its short form, 发改局 for 发展和改革局.
    """
    a, b = core_name(printed), core_name(registered)
    if not a or not b:
        return False
    if len(a) > len(b):
        a, b = b, a
    if a == b or (b.endswith(a) and _LEVEL_END.search(b[: -len(a)])):
        return True
    if _GRASSROOTS.search(a) or _GRASSROOTS.search(b):
        return False
    short, long = _without_place(a), _without_place(b)
    return short[-1:] == long[-1:] and len(short) >= 3 and _is_within(short, long)


def _without_place(name: str) -> str:
    """The name without a leading province, city or county, where something is left."""
    rest = re.sub(r"^(?:[^省市县区旗州盟]{1,8}(?:省|自治区|市|县|区|旗|州|盟))+", "", name)
    return rest if len(rest) >= 3 else name


def _is_within(short: str, long: str) -> bool:
    """Whether all characters of the short name stand in the long one in the same order."""
    rest = iter(long)
    return all(character in rest for character in short)
