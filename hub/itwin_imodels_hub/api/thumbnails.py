"""Operations on thumbnails."""

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.access import open_imodel
from itwin_imodels_hub.api.context import ApiResponse, Context
from itwin_imodels_hub.api.errors import Detail
from itwin_imodels_hub.api.pictures import SIZES, NotAPictureError, render, stock_picture
from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.rules.permissions import Permission

_PNG = "image/png"
_MEDIA_TYPES = ("image/jpeg", _PNG)


def get(context: Context) -> ApiResponse:
    """Get iModel Thumbnail: the uploaded picture or a default one, always as PNG."""
    imodel = open_imodel(context).imodel
    with context.query() as query:
        size = query.choice("size", tuple(SIZES)) or "small"
    try:
        picture = context.services.blobs.read(names.thumbnail(imodel.id, size))
    except KeyError:
        picture = stock_picture(size)
    return ApiResponse(content=picture, media_type=_PNG)


def upload(context: Context) -> ApiResponse:
    """Upload iModel Thumbnail. The picture is scaled to both sizes and cropped."""
    access = open_imodel(context, Permission.MANAGE)
    _check_media_type(context)
    if context.request.oversized:
        raise errors.too_large()
    access.require_initialized()
    try:
        pictures = {size: render(context.request.body, size) for size in SIZES}
    except NotAPictureError:
        raise errors.invalid_request(context.request.problem, [_not_a_picture()]) from None
    for size, picture in pictures.items():
        context.services.blobs.add(names.thumbnail(access.imodel.id, size), picture, content_type=_PNG)
    return ApiResponse(status=201)


def _check_media_type(context: Context) -> None:
    header = context.request.headers.get("content-type")
    if header is None:
        raise errors.invalid_request(context.request.problem, [errors.missing_header("content-type")])
    media_type = header.partition(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        supported = ", ".join(f"'{name}'" for name in _MEDIA_TYPES)
        message = f"'{media_type}' is not supported 'content-type'. Supported media types are {supported}."
        detail = Detail(code="InvalidHeaderValue", message=message, target="content-type")
        raise errors.invalid_request(context.request.problem, [detail])


def _not_a_picture() -> Detail:
    supported = ", ".join(f"'{name}'" for name in _MEDIA_TYPES)
    message = f"Invalid Thumbnail format. Please use one of the supported media formats: {supported}."
    return Detail(code="InvalidRequestBody", message=message, inner_code="InvalidThumbnailFormat")
