"""QR codes (ISO/IEC 18004): drawn for the screen, and read from the picture of a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from typing_extensions import Buffer

PICTURE_PIXELS: Final = 1024 * 1024
"""The largest picture that is searched for a code."""
_QUIET: Final = 4  # modules around the code, as the standard asks for


@dataclass(frozen=True, slots=True)
class Drawing:
    """A QR code as the ``d`` of an SVG path of its dark modules, one unit each, in a square of ``size`` units."""

    path: str
    size: int


def draw(text: str) -> Drawing:
    """A QR code that says ``text``."""
    import zxingcpp  # only now: few people ever need its megabytes

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    modules = memoryview(cast("Buffer", code.to_image(add_quiet_zones=False)))
    height, width = modules.shape or (0, 0)
    runs = [run for y in range(height) for run in _runs(bytes(modules[y, x] for x in range(width)), y)]
    return Drawing("".join(runs), width + 2 * _QUIET)


def read(pixels: bytes, width: int) -> str | None:
    """What the QR code in a picture says; None if there is none.

    Args:
        pixels: grey levels, one byte each, rows from the top.
        width: pixels of a row.

    Raises:
        ValueError: the picture is no rectangle, or has more than `PICTURE_PIXELS`.
    """
    import zxingcpp

    if not 0 < len(pixels) <= PICTURE_PIXELS or width <= 0 or len(pixels) % width:
        raise ValueError("The picture is no rectangle, or too large.")
    picture = memoryview(pixels).cast("B", (len(pixels) // width, width))
    found = zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return next((each.text for each in found if each.valid), None)


def _runs(row: bytes, y: int) -> list[str]:
    """The dark runs of a row of modules, as pieces of a path."""
    found, x = [], 0
    while x < len(row):
        length = next((step for step, level in enumerate(row[x:]) if (level < 128) != (row[x] < 128)), len(row) - x)
        if row[x] < 128:
            found.append(f"M{x + _QUIET} {y + _QUIET}h{length}v1h-{length}z")
        x += length
    return found
