"""A camera for Chromium, before which somebody holds a part of another screen."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Final

from .browser import Browser
from .chromium import CAMERA, CONSENT

_WIDTH: Final = 640
_HEIGHT: Final = 480
_FRAMES: Final = 5
_HEADER: Final = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F20:1 Ip A1:1 C420\n".encode()
_WALL: Final = bytes([128]) * (_WIDTH * _HEIGHT)
_COLOURS: Final = bytes([128]) * (_WIDTH * _HEIGHT // 2)  # none
_SEEN: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


class Camera:
    """Sees a grey wall at first. ``film`` is where its pictures are kept: a file whose name ends with ``.y4m``.

    Chromium plays the film round and round and reads each frame from the file anew, so a new one of the same length may
    be written over it while the camera is on.
    """

    def __init__(self, film: Path) -> None:
        self._film = film
        film.touch()
        self.sees_nothing()

    @property
    def flags(self) -> tuple[str, ...]:
        """What gives a Chromium this camera, with consent to use it; its microphone beeps."""
        return (*CAMERA, f"--use-file-for-fake-video-capture={self._film}", *CONSENT)

    def sees_nothing(self) -> None:
        """Take away what is held before it."""
        self._expose([_WALL] * _FRAMES)

    async def sees(self, browser: Browser, element: str) -> None:
        """Hold the screen of another machine before it, near enough for this element to fill most of the picture.

        Args:
            browser: the window on that screen.
            element: a CSS selector.
        """
        screenshot = self._film.with_suffix(".png")
        await browser.screenshot(screenshot)
        box = await browser.evaluate(f"document.querySelector({json.dumps(element)}).getBoundingClientRect().toJSON()")
        png = base64.b64encode(screenshot.read_bytes()).decode()
        held = json.dumps({"png": png, "box": box, "size": [_WIDTH, _HEIGHT], "frames": _FRAMES})
        frames = await browser.evaluate(f"({_SEEN})({held})")
        self._expose([base64.b64decode(frame) for frame in frames])

    def _expose(self, frames: list[bytes]) -> None:
        with self._film.open("r+b") as film:
            film.write(_HEADER + b"".join(b"FRAME\n" + grey + _COLOURS for grey in frames))
