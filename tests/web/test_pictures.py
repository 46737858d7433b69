"""The QR code on somebody's screen, drawn by one daemon and read by another from the picture of a camera."""

from __future__ import annotations

import random
import re

import pytest

from lanchatd.identity import qr
from tests.web.site import Site

TEXT = f"lanchat:1:{'a' * 52}:{'b' * 52}:{'c' * 32}"


def photograph(drawing: qr.Drawing, scale: int, noise: int) -> tuple[bytes, int]:
    """What a camera sees of the code: larger, grey and grainy."""
    width = drawing.size * scale
    dark = set[tuple[int, int]]()
    for run in re.finditer(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing.path):
        x, y, length = map(int, run.groups())
        dark.update((x + step, y) for step in range(length))
    grain = random.Random(5)
    levels = (
        (70 if (x // scale, y // scale) in dark else 180) + grain.randint(-noise, noise)
        for y in range(width)
        for x in range(width)
    )
    return bytes(levels), width


async def test_a_code_is_read_from_a_picture(site: Site) -> None:
    pixels, width = photograph(qr.draw(TEXT), scale=5, noise=30)
    async with site.client.post(f"{site.url}/api/read-code?width={width}", data=pixels) as response:
        assert await response.json() == {"text": TEXT}


async def test_a_picture_without_a_code_says_so(site: Site) -> None:
    async with site.client.post(f"{site.url}/api/read-code?width=100", data=b"\x80" * 10_000) as response:
        assert await response.json() == {"text": None}


@pytest.mark.parametrize(
    ("query", "size", "status"),
    [
        ("", 100, 400),
        ("?width=0", 100, 400),
        ("?width=33", 100, 400),
        ("?width=-1", 100, 400),
        ("?width=1", 0, 400),
        ("?width=1024", qr.PICTURE_PIXELS + 1024, 413),
    ],
)
async def test_what_is_no_picture_is_refused(site: Site, query: str, size: int, status: int) -> None:
    async with site.client.post(f"{site.url}/api/read-code{query}", data=b"\x80" * size) as response:
        assert response.status == status


async def test_no_other_site_has_pictures_read(site: Site) -> None:
    headers = {"Origin": "http://evil.example"}
    async with site.client.post(f"{site.url}/api/read-code?width=1", data=b"\x80", headers=headers) as response:
        assert response.status == 403
