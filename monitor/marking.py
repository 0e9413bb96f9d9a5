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
"""Elements that hold no others: of these an option and a title get the mark themselves."""
_LEAF = re.compile(r"<(option|title)((?:[^>\"']|\"[^\"]*\")*)>([^<]*)</\1>")
_LABELLED = re.compile(r"<(input|img|svg)((?:[^>\"']|\"[^\"]*\")*)>")
_LABEL = re.compile(r"\s(?:value|alt|aria-label)=\"([^\"]*)\"")


def marked(html: str) -> str:
    """The page with each piece of Chinese in an element of that language, unless it stands in one already.

    What stands in an attribute, an option or a title cannot be marked in part: their element gets the mark where
    most of the letters are Chinese.
    """
    pieces: list[str] = []
    open_elements: list[tuple[str, bool]] = []
    chinese = plain = False
    for token in _TOKEN.finditer(_LABELLED.sub(_labelled, _LEAF.sub(_leaf, html))):
        text, (closing, name, attributes) = token[0], token.groups()
        if name is None:
            # In a drawing a span is nothing; what stands outside of its texts is not read.
            piece = "tspan" if any(each == "svg" for each, _ in open_elements) else "span"
            unmarked = _RUN.sub(rf'<{piece} lang="zh">\g<0></{piece}>', text)
            pieces.append(text if chinese or plain else unmarked)
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


def _leaf(found: re.Match[str]) -> str:
    name, attributes, text = found.groups()
    wanted = _mostly_chinese(text) and _LANG.search(attributes) is None
    return f'<{name} lang="zh"{attributes}>{text}</{name}>' if wanted else found[0]


def _labelled(found: re.Match[str]) -> str:
    name, attributes = found.groups()
    label = " ".join(_LABEL.findall(attributes))
    wanted = _mostly_chinese(label) and _LANG.search(attributes) is None
    return f'<{name} lang="zh"{attributes}>' if wanted else found[0]


def _mostly_chinese(text: str) -> bool:
    """Whether a text is to be spoken in Chinese: a sign of it says as much as two letters."""
    return len(re.findall(f"[{_HAN}]", text)) > len(re.findall(r"[A-Za-z]", text)) / 2
