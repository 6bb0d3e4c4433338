"""A PNG picture as rows of pixels, read by the format's own rules."""

from __future__ import annotations

import zlib


def pixels(png: bytes) -> list[list[tuple[int, int, int]]]:
    """The red, green and blue of each pixel; eight bits a colour, not interlaced."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, packed = 8, b""
    width = height = channels = 0
    while place < len(png):
        size, kind = int.from_bytes(png[place : place + 4], "big"), png[place + 4 : place + 8]
        data = png[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, height = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
            assert data[8] == 8
            assert data[12] == 0
            channels = {2: 3, 6: 4}[data[9]]
        elif kind == b"IDAT":
            packed += data
        place += size + 12
    raw = zlib.decompress(packed)
    step, before, rows = width * channels, bytearray(width * channels), []
    for number in range(height):
        start = number * (step + 1)
        way, line = raw[start], bytearray(raw[start + 1 : start + 1 + step])
        for i in range(step):
            left = line[i - channels] if i >= channels else 0
            above, corner = before[i], before[i - channels] if i >= channels else 0
            guess = (0, left, above, (left + above) // 2, _paeth(left, above, corner))[way]
            line[i] = (line[i] + guess) & 255
        rows.append([(line[i], line[i + 1], line[i + 2]) for i in range(0, step, channels)])
        before = line
    return rows


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((abs(guess - one), place, one) for place, one in enumerate((left, above, corner)))[2]
