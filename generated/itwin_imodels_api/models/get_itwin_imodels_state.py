from typing import Literal

GetItwinImodelsState = Literal["initialized", "notInitialized"]

GET_ITWIN_IMODELS_STATE_VALUES: set[GetItwinImodelsState] = {
    "initialized",
    "notInitialized",
}


def check_get_itwin_imodels_state(value: str) -> GetItwinImodelsState:
    if value in GET_ITWIN_IMODELS_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_ITWIN_IMODELS_STATE_VALUES!r}"
    )
