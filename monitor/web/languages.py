"""Marks what is Chinese on an English page, so that screen readers say it in Chinese (WCAG 2.2, 3.1.2). Pure.

Names, words of reports and of the official form stay as they are printed whatever language a page is in. They are
found by their characters: a template need not know which of the texts that it shows may hold some.
"""

from __future__ import annotations

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(f"[{_HAN}](?:[^<&A-Za-z\\n]*[{_HAN}])?[。，、；：！？]*")
_TOKEN = re.compile(
    r"<!--.*?-->|<!?(/?)([A-Za-z][A-Za-z0-9-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>|[^<]+|<", re.DOTALL
)
_LANG = re.compile(r"\slang=\"([^\"]*)\"")
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr", "doctype"})
_PLAIN = frozenset({"option", "script", "style", "textarea", "title"})
"""Elements that hold no others: of these an option gets the mark itself where most of its letters are Chinese."""
_OPTION = re.compile(r"<option((?:[^>\"']|\"[^\"]*\")*)>([^<]*)</option>")


def marked(html: str) -> str:
    """The page with each piece of Chinese in an element of that language, unless it stands in one already."""
    pieces: list[str] = []
    open_elements: list[tuple[str, bool]] = []
    chinese = plain = False
    for token in _TOKEN.finditer(_OPTION.sub(_option, html)):
        text, (closing, name, attributes) = token[0], token.groups()
        if name is None:
            pieces.append(text if chinese or plain else _RUN.sub(r'<span lang="zh">\g<0></span>', text))
            continue
        pieces.append(text)
        name = name.lower()
        if closing:
            while open_elements and open_elements.pop()[0] != name:
                pass
        elif name not in _VOID and not attributes.endswith("/"):
            own = _LANG.search(attributes)
            open_elements.append((name, own[1].startswith("zh") if own else chinese))
        chinese = open_elements[-1][1] if open_elements else False
        plain = bool(open_elements) and open_elements[-1][0] in _PLAIN
    return "".join(pieces)


def _option(found: re.Match[str]) -> str:
    attributes, text = found.groups()
    letters = re.findall(r"[A-Za-z]", text)
    mostly = len(re.findall(f"[{_HAN}]", text)) > len(letters) / 2
    return f'<option lang="zh"{attributes}>{text}</option>' if mostly and " lang=" not in attributes else found[0]
