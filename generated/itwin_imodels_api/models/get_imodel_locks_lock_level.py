from typing import Literal

GetImodelLocksLockLevel = Literal["exclusive", "shared"]

GET_IMODEL_LOCKS_LOCK_LEVEL_VALUES: set[GetImodelLocksLockLevel] = {
    "exclusive",
    "shared",
}


def check_get_imodel_locks_lock_level(value: str) -> GetImodelLocksLockLevel:
    if value in GET_IMODEL_LOCKS_LOCK_LEVEL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_IMODEL_LOCKS_LOCK_LEVEL_VALUES!r}"
    )
