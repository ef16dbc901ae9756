from typing import Literal

ChangesetGroupUpdateState = Literal["completed"]

CHANGESET_GROUP_UPDATE_STATE_VALUES: set[ChangesetGroupUpdateState] = {
    "completed",
}


def check_changeset_group_update_state(value: str) -> ChangesetGroupUpdateState:
    if value in CHANGESET_GROUP_UPDATE_STATE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {CHANGESET_GROUP_UPDATE_STATE_VALUES!r}"
    )
