"""The kind of an organ, by its printed name alone."""

import pytest

from parsers.organs import organ_kind
from parsers.schema import OrganKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("清溪镇", OrganKind.TOWNSHIP),
        ("云山县清溪镇人民政府", OrganKind.TOWNSHIP),
        ("清溪镇政府", OrganKind.TOWNSHIP),
        ("青石乡", OrganKind.TOWNSHIP),
        ("白音苏木", OrganKind.TOWNSHIP),
        ("衡阳市衡东县杨林镇", OrganKind.TOWNSHIP),
        ("城南街道", OrganKind.SUBDISTRICT),
        ("城南街道办事处", OrganKind.SUBDISTRICT),
        ("城南街道办", OrganKind.SUBDISTRICT),
        ("东街办事处", OrganKind.SUBDISTRICT),
        ("云山县水利局", OrganKind.DEPARTMENT),
        ("县政府办", OrganKind.DEPARTMENT),
        ("云山县人民政府办公室", OrganKind.DEPARTMENT),
        ("市发改委", OrganKind.DEPARTMENT),
        ("云山县卫生健康委员会", OrganKind.DEPARTMENT),
        ("云山市国有资产监督管理委员会", OrganKind.DEPARTMENT),
        ("云山市城市管理委员会", OrganKind.DEPARTMENT),
        ("某省财政厅", OrganKind.DEPARTMENT),
        ("财金局", OrganKind.DEPARTMENT),
        ("云山市税务局开发区分局", OrganKind.DEPARTMENT),
        ("清溪镇综合执法局办公室", OrganKind.DEPARTMENT),
        ("云山县", OrganKind.COUNTY),
        ("云山县人民政府", OrganKind.COUNTY),
        ("白云自治县", OrganKind.COUNTY),
        ("云山市河东区人民政府", OrganKind.COUNTY),
        ("正蓝旗", OrganKind.COUNTY),
        ("云山经济开发区管理委员会", OrganKind.ZONE),
        ("云山高新区管委会", OrganKind.ZONE),
        ("云山县产业集聚区", OrganKind.ZONE),
        ("云山自治州人民政府", OrganKind.PREFECTURE),
        ("云山盟", OrganKind.PREFECTURE),
        ("云山地区行政公署", OrganKind.PREFECTURE),
        ("某某省人民政府", OrganKind.PROVINCE),
        ("内蒙古自治区", OrganKind.PROVINCE),
        ("上海市", OrganKind.PROVINCE),
        # what the name does not tell
        ("云山市", None),
        ("云山市人民政府", None),
        ("河东区", None),
        ("云山新区人民政府", None),
        ("云山县第一中学", None),
        ("云山县人民医院", None),
        ("云山县人民法院", None),
        ("中共云山县委办公室", None),
        ("云山县残联", None),
        ("政务服务中心", None),
        ("清溪村村民委员会", None),
        ("", None),
        (None, None),
    ],
)
def test_kind_by_name(name: str | None, kind: OrganKind | None) -> None:
    assert organ_kind(name) is kind
