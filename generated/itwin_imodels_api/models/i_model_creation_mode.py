from typing import Literal

IModelCreationMode = Literal["empty", "fromBaseline", "fromiModelVersion"]

I_MODEL_CREATION_MODE_VALUES: set[IModelCreationMode] = {
    "empty",
    "fromBaseline",
    "fromiModelVersion",
}


def check_i_model_creation_mode(value: str) -> IModelCreationMode:
    if value in I_MODEL_CREATION_MODE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {I_MODEL_CREATION_MODE_VALUES!r}"
    )
