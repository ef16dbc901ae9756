from typing import Literal

GetImodelNamedVersionsState = Literal["hidden", "visible"]

GET_IMODEL_NAMED_VERSIONS_STATE_VALUES: set[GetImodelNamedVersionsState] = {
    "hidden",
    "visible",
}


def check_get_imodel_named_versions_state(value: str) -> GetImodelNamedVersionsState:
    if value in GET_IMODEL_NAMED_VERSIONS_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_IMODEL_NAMED_VERSIONS_STATE_VALUES!r}"
    )
