"""Render sections and pages as HTML, with all values escaped."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from itwin_imodels_hub.page import formats
from itwin_imodels_hub.page.views import View

_FOLDER = Path(__file__).parent
_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@frozen
class Asset:
    """A static file of the page; its URL changes with its content."""

    name: str
    content: bytes
    media_type: str

    @property
    def address(self) -> str:
        """The URL of the file."""
        return f"/hub/assets/{self.name}?v={blake2b(self.content, digest_size=6).hexdigest()}"


@cache
def assets() -> Mapping[str, Asset]:
    """Return the static files by name."""
    files = sorted((_FOLDER / "assets").iterdir())
    return {
        file.name: Asset(file.name, file.read_bytes(), _MEDIA_TYPES[file.suffix])
        for file in files
        if file.suffix in _MEDIA_TYPES
    }


def digest(section: object) -> str:
    """Return the digest of a section; equal sections have equal digests."""
    return blake2b(repr(section).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def digests(sections: Mapping[str, object]) -> dict[str, str]:
    """Return the digest of each section."""
    return {name: digest(section) for name, section in sections.items()}


def render_section(view: View, name: str, section: object, now: datetime) -> str:
    """Render one section of a page."""
    return _environment().get_template(f"sections/{name}.html").render(view=view, section=section, now=now)


def render_page(view: View, sections: Mapping[str, object], now: datetime) -> str:
    """Render a whole page."""
    written = {name: render_section(view, name, section, now) for name, section in sections.items()}
    mark = write_mark(digests(sections))
    return (
        _environment()
        .get_template(view.template)
        .render(view=view, sections=sections, written=written, now=now, mark=mark)
    )


def render_missing() -> str:
    """Render the page for a missing iModel."""
    return _environment().get_template("missing.html").render()


def write_mark(known: Mapping[str, str]) -> str:
    """Return the mark that identifies the sections that a browser has."""
    return ",".join(f"{name}.{value}" for name, value in known.items())


def read_mark(text: str) -> dict[str, str]:
    """Parse a mark from `write_mark`; ignore invalid parts."""
    pairs = (part.partition(".") for part in text.split(","))
    return {name: value for name, dot, value in pairs if dot}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "ago": formats.ago,
        "exact": formats.exact,
        "iso": formats.iso,
        "number": formats.number,
        "size": formats.size,
        "duration": formats.duration,
        "words": formats.words,
        "tone": formats.tone,
        "status_tone": formats.status_tone,
    }
    environment.globals["asset"] = lambda name: assets()[name].address
    return environment
