from typing import Literal

ShareCreatePermission = Literal["imodels_read", "imodels_webview"]

SHARE_CREATE_PERMISSION_VALUES: set[ShareCreatePermission] = {
    "imodels_read",
    "imodels_webview",
}


def check_share_create_permission(value: str) -> ShareCreatePermission:
    if value in SHARE_CREATE_PERMISSION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SHARE_CREATE_PERMISSION_VALUES!r}"
    )
