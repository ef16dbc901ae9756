"""Baseline files and thumbnails."""

from typing import Literal

from itwin_imodels._core import checks
from itwin_imodels._operations.call import Call, ServiceResponse, read_no_content
from itwin_imodels._operations.common import entity_description, entity_reader, id_in_link
from itwin_imodels._operations.fields import Fields
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import BaselineFile, BaselineFileState, Thumbnail

ThumbnailSize = Literal["small", "large"]

_BASELINE = frozenset({"id", "displayName", "fileSize", "state", "_links"})
_MAX_THUMBNAIL_SIZE = 5 * 1024 * 1024
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def get_baseline(imodel_id: str) -> Call[BaselineFile]:
    """Get iModel Baseline File Details."""
    return Call(
        name="baseline_files.get",
        endpoint="baseline_files.get_imodel_baseline_file_details",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=entity_reader("baselineFile", lambda fields: _baseline(fields, imodel_id)),
    )


def complete_baseline(imodel_id: str) -> Call[BaselineFile]:
    """Complete iModel Baseline File Upload."""
    return Call(
        name="baseline_files.complete",
        endpoint="baseline_files.complete_imodel_baseline_file_upload",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        read=entity_reader("baselineFile", lambda fields: _baseline(fields, imodel_id)),
    )


def get_thumbnail(imodel_id: str, *, size: ThumbnailSize) -> Call[Thumbnail]:
    """Get iModel Thumbnail."""
    return Call(
        name="thumbnails.download",
        endpoint="thumbnails.get_imodel_thumbnail",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        arguments={"size": checks.choice("size", size, ("small", "large"))},
        read=_thumbnail,
    )


def put_thumbnail(imodel_id: str, content: bytes) -> Call[None]:
    """Upload iModel Thumbnail."""
    return Call(
        name="thumbnails.upload",
        endpoint="thumbnails.upload_imodel_thumbnail",
        entity=entity_description(checks.identifier("imodel_id", imodel_id)),
        path=(imodel_id,),
        body=bytes(content),
        headers={"Content-Type": picture_type(content)},
        read=read_no_content,
    )


def picture_type(content: bytes) -> str:
    """Detect the media type of an image from its first bytes.

    Raises:
        ValueError: The image is neither PNG nor JPEG, or larger than 5 MiB.
    """
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError(f"content must be bytes, not {type(content).__name__}")
    if len(content) > _MAX_THUMBNAIL_SIZE:
        raise ValueError(f"content has {len(content)} bytes; at most {_MAX_THUMBNAIL_SIZE} are allowed")
    media_type = _media_type(bytes(content))
    if media_type is None:
        raise ValueError("content is neither a PNG nor a JPEG image")
    return media_type


def _baseline(fields: Fields, imodel_id: str) -> BaselineFile:
    baseline_id = fields.text("id")
    return BaselineFile(
        imodel_id=imodel_id,
        id=baseline_id,
        display_name=fields.optional_text("displayName") or baseline_id,
        file_size=fields.optional_number("fileSize"),
        state=fields.known("state", BaselineFileState),
        creator_id=id_in_link(fields.link("creator"), "users"),
        download=fields.storage_link("download"),
        extra=fields.new_to(_BASELINE),
    )


def _thumbnail(answer: ServiceResponse) -> Thumbnail:
    stated = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    media_type = stated if stated.startswith("image/") else _media_type(answer.content)
    if media_type is None or not answer.content:
        raise UnexpectedResponse(f"it must be an image, not {len(answer.content)} bytes of type {stated or 'unknown'}")
    return Thumbnail(content=answer.content, content_type=media_type)


def _media_type(content: bytes) -> str | None:
    return next((kind for beginning, kind in _PICTURES.items() if content.startswith(beginning)), None)
