"""The page and its static files, served from memory. The only module that touches the folder `webui`.

The page is the whole of the interface: Jinja renders the shell, the first snapshot as data, and the list of people as
ordinary HTML, so that it is there before any script has run.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp_jinja2
import jinja2
from aiohttp import web
from markupsafe import Markup

from lanchatd.protocol import codec, ui
from lanchatd.web import rows

STYLES: Final = (
    *("tokens", "base", "layout", "avatar", "me", "people", "welcome"),
    *("conversation", "log", "bubble", "composer", "request", "settings", "devices", "confirm", "overlays"),
    *("trust", "verify", "network", "network_picture"),
    *("stage", "float", "tools", "call", "ring", "motion"),
)
"""The style sheets in the order of the page; `@layer` in the first one decides what wins."""

_LONG: Final = "public, max-age=31536000, immutable"
_JSON_ESCAPES: Final = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    body: bytes
    content_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """All static files, and the version that stands in their addresses: it changes whenever one of them does."""

    files: Mapping[str, StaticFile]
    version: str

    def url(self, name: str) -> str:
        """The address of a file.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self.files:
            raise KeyError(f"no static file {name}")
        return f"/static/{self.version}/{name}"


def find_webui() -> Path:
    """The folder of the page: inside the package (wheel), or beside it (checkout, editable install).

    Raises:
        FileNotFoundError: the installation is damaged.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "webui", package.parent / "webui"):
        if (folder / "templates" / "page.html").is_file():
            return folder
    raise FileNotFoundError("LanChat's web page is missing from the installation. Please install LanChat again.")


def load_static(folder: Path) -> StaticFiles:
    """Read all files below a folder, by their path with slashes."""
    files = {
        path.relative_to(folder).as_posix(): _static_file(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }
    digest = hashlib.sha256("".join(f"{name} {file.etag}\n" for name, file in files.items()).encode())
    return StaticFiles(files, digest.hexdigest()[:12])


def _static_file(path: Path) -> StaticFile:
    body = path.read_bytes()
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return StaticFile(body, kind or "application/octet-stream", hashlib.sha256(body).hexdigest()[:32])


def embed_json(message: ui.Event) -> str:
    """JSON that can stand in a `<script>` element: no text of it can end the element or begin another one."""
    return codec.encode(message).translate(_JSON_ESCAPES)


def setup(app: web.Application, snapshot: Callable[[], ui.Snapshot], *, folder: Path | None = None) -> None:
    """Add the page and its files to the application.

    Args:
        app: the application of the local page.
        snapshot: tells what is to be shown now; its ``tab`` is 0.
        folder: where the page lies, `find_webui` by default.
    """
    folder = folder or find_webui()
    static = load_static(folder / "static")
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(folder / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static.url
    environment.globals["styles"] = [f"css/{name}.css" for name in STYLES if f"css/{name}.css" in static.files]

    async def page(request: web.Request) -> web.Response:
        response = aiohttp_jinja2.render_template("page.html", request, context(snapshot()))
        response.headers["Cache-Control"] = "no-store"
        return response

    async def static_file(request: web.Request) -> web.Response:
        return _send(request, static)

    app.router.add_get("/", page)
    app.router.add_get("/static/{version}/{name:.+}", static_file)


def context(snapshot: ui.Snapshot) -> dict[str, object]:
    """What the templates see."""
    return {
        "snapshot": snapshot,
        "snapshot_json": Markup(embed_json(snapshot)),  # noqa: S704 - nothing left in it that HTML could read
        "me": snapshot.me,
        "my_look": rows.look(snapshot.me.id, snapshot.me.name),
        "people": rows.rows(snapshot),
    }


def _send(request: web.Request, static: StaticFiles) -> web.Response:
    file = static.files.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound(text="There is no such file.")
    # A tab of an older version still gets its files, but must not keep them under that address.
    current = request.match_info["version"] == static.version
    headers = {"Cache-Control": _LONG if current else "no-store", "ETag": f'"{file.etag}"'}
    if any(tag.value in (file.etag, "*") for tag in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, content_type=file.content_type, charset=_charset(file), headers=headers)


def _charset(file: StaticFile) -> str | None:
    return "utf-8" if file.content_type.startswith("text/") or file.content_type.endswith("+xml") else None
