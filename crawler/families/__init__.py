"""Families of portal software: reading list pages, one module for each. Light to import: names only."""

NAMES: dict[str, str] = {
    "trs": "TRS WCM（拓尔思）",
    "generic": "通用",
}
"""Every family's id, as portal definitions write it, with the name of the software. The readers: registry."""
