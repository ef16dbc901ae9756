from typing import Literal

GetImodelThumbnailSize = Literal["large", "small"]

GET_IMODEL_THUMBNAIL_SIZE_VALUES: set[GetImodelThumbnailSize] = {
    "large",
    "small",
}


def check_get_imodel_thumbnail_size(value: str) -> GetImodelThumbnailSize:
    if value in GET_IMODEL_THUMBNAIL_SIZE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_IMODEL_THUMBNAIL_SIZE_VALUES!r}"
    )
