"""Thumbnails of iModels."""

from functools import cache
from io import BytesIO
from typing import Final
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

SIZES: Final = {"small": (400, 250), "large": (800, 500)}
"""Width and height per size, in pixels."""

_FORMATS = ("PNG", "JPEG")
_MAXIMUM_PIXELS = 50_000_000
_SKY, _GROUND, _LIGHT, _DARK = (226, 232, 240), (203, 213, 225), (148, 163, 184), (100, 116, 139)


class NotAPictureError(ValueError):
    """The content is not a picture in a supported format."""


def render(content: bytes, size: str) -> bytes:
    """Convert a PNG or JPEG picture to a PNG of one of the two sizes, cropping it if necessary.

    Raises:
        NotAPictureError: The format is unsupported, the picture is damaged, or it has too many pixels.
    """
    try:
        with catch_warnings():
            simplefilter("ignore")
            with Image.open(BytesIO(content), formats=_FORMATS) as picture:
                if picture.width * picture.height > _MAXIMUM_PIXELS:
                    raise NotAPictureError("the picture has too many pixels")
                fitted = ImageOps.fit(picture.convert("RGBA"), SIZES[size])
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotAPictureError from error
    return _png(fitted)


@cache
def stock_picture(size: str) -> bytes:
    """Draw the default thumbnail: a plain building."""
    width, height = SIZES[size]
    picture = Image.new("RGB", (width, height), _SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 4 // 5, width, height), fill=_GROUND)
    left, right, top, bottom = width * 3 // 8, width * 5 // 8, height // 4, height * 4 // 5
    draw.rectangle((left, top, right, bottom), fill=_LIGHT)
    unit = width // 40
    for row in range(4):
        for column in range(3):
            x = left + unit * (1 + column * 3)
            y = top + unit * (1 + row * 3)
            draw.rectangle((x, y, x + unit * 2 - 1, y + unit * 2 - 1), fill=_DARK)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
