"""Families of portal software: reading list pages, one module for each. Light to import: names only."""

NAMES: dict[str, str] = {
    "trs": "TRS WCM（拓尔思）",
    "hanweb": "Hanweb（大汉）",
    "hanweb_disclosure": "Hanweb 信息公开模块（大汉）",
    "hanweb_query": "Hanweb queryList（大汉，江西）",
    "jpaas": "Hanweb JPaaS（大汉）",
    "ucap": "UCAP（开普）",
    "anhui": "安徽政务公开（商网、龙讯）",
    "gkmlpt": "广东集约化平台",
    "vsb": "VSB（博达）",
    "epoint": "Epoint（新点）",
    "generic": "通用",
}
"""Every family's id, as portal definitions write it, with the name of the software. The readers: registry."""
