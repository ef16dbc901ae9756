from typing import Literal

Prefer = Literal["return=minimal", "return=representation"]

PREFER_VALUES: set[Prefer] = {
    "return=minimal",
    "return=representation",
}


def check_prefer(value: str) -> Prefer:
    if value in PREFER_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PREFER_VALUES!r}")
