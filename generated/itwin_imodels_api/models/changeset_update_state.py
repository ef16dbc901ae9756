from typing import Literal

ChangesetUpdateState = Literal["fileUploaded"]

CHANGESET_UPDATE_STATE_VALUES: set[ChangesetUpdateState] = {
    "fileUploaded",
}


def check_changeset_update_state(value: str) -> ChangesetUpdateState:
    if value in CHANGESET_UPDATE_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {CHANGESET_UPDATE_STATE_VALUES!r}"
    )
