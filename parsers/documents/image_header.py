"""How large the pictures of an image file are, told by its header alone: before anything is unpacked."""

from __future__ import annotations

import struct

Size = tuple[int, int]

# Frames of a JPEG that carry its size: all SOF marks but those of tables and of arithmetic coding.
_JPEG_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF))
_JPEG_LONE_MARKS = frozenset((0x01, *range(0xD0, 0xD9)))
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_SHORT = 3
_MOST_TIFF_ENTRIES = 1000
MOST_PAGES = 500


def sizes(data: bytes) -> list[Size]:
    """Width and height of every picture in a PNG, JPEG, GIF, BMP, WEBP or TIFF file; [] where they cannot be told.

    Only a TIFF gives more than one; of an animation the size of its canvas counts.
    """
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return [struct.unpack_from(">II", data, 16)]
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"GIF8"):
            return [struct.unpack_from("<HH", data, 6)]
        if data.startswith(b"BM"):
            return _bmp(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:4] in (b"II*\x00", b"MM\x00*"):
            return _tiff(data)
    except (struct.error, IndexError):
        return []
    return []


def _bmp(data: bytes) -> list[Size]:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        return [struct.unpack_from("<HH", data, 18)]
    width, height = struct.unpack_from("<ii", data, 18)
    return [(abs(width), abs(height))]


def _jpeg(data: bytes) -> list[Size]:
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            return []
        mark = data[position + 1]
        if mark == 0xFF:
            position += 1
        elif mark in _JPEG_LONE_MARKS:
            position += 2
        elif mark in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return [(width, height)]
        else:
            position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return []


def _webp(data: bytes) -> list[Size]:
    kind = data[12:16]
    if kind == b"VP8X":
        wide = int.from_bytes(data[24:27], "little") + 1
        return [(wide, int.from_bytes(data[27:30], "little") + 1)]
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return [((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return [(width & 0x3FFF, height & 0x3FFF)]
    return []


def _tiff(data: bytes) -> list[Size]:
    """Every directory of the chain, each once: a chain that turns back on itself ends there."""
    order = "<" if data[:2] == b"II" else ">"
    found: list[Size] = []
    position = struct.unpack_from(order + "I", data, 4)[0]
    seen: set[int] = set()
    while position and position not in seen and len(found) <= MOST_PAGES:
        seen.add(position)
        count = min(struct.unpack_from(order + "H", data, position)[0], _MOST_TIFF_ENTRIES)
        size = {}
        for entry in range(count):
            place = position + 2 + 12 * entry
            tag, kind = struct.unpack_from(order + "HH", data, place)
            if tag in (_TIFF_WIDTH, _TIFF_HEIGHT):
                size[tag] = struct.unpack_from(order + ("H" if kind == _TIFF_SHORT else "I"), data, place + 8)[0]
        found.append((size.get(_TIFF_WIDTH, 0), size.get(_TIFF_HEIGHT, 0)))
        position = struct.unpack_from(order + "I", data, position + 2 + 12 * count)[0]
    return found
