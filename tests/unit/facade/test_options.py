"""How patient a client is: bounds for timeouts and for the retry policy."""

from datetime import timedelta
from typing import Any

import attrs
import pytest

from itwin_imodels import UNCHANGED, IModelsClient, RetryPolicy, Timeout, TransferOptions, Unchanged


@pytest.mark.parametrize("name", ["connect", "read", "write", "pool"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), "5", None, True])
def test_each_part_of_a_timeout_is_above_zero(name: str, value: Any) -> None:
    """The complaint names the part."""
    with pytest.raises(ValueError, match=f"{name} must be a number greater than 0"):
        Timeout(**{name: value})


@pytest.mark.parametrize("value", [7, 7.0, timedelta(seconds=7), Timeout(7, 7, 7, 7)])
def test_one_number_is_the_time_of_each_part(value: Any) -> None:
    """Seconds, or a timedelta."""
    assert Timeout.of(value) == Timeout(connect=7, read=7, write=7, pool=7)


@pytest.mark.parametrize("value", ["7", None, [7], True])
def test_another_type_is_no_timeout(value: Any) -> None:
    """The message has the accepted types."""
    with pytest.raises(TypeError, match="timeout must be a number, a timedelta or a Timeout, not "):
        Timeout.of(value)


@pytest.mark.parametrize("value", [0, -1, timedelta(0)])
def test_no_time_at_all_is_refused(value: Any) -> None:
    """Zero is rejected for each part."""
    with pytest.raises(ValueError, match="must be a number greater than 0"):
        IModelsClient(timeout=value)


@pytest.mark.parametrize(
    ("facts", "kind", "complaint"),
    [
        ({"attempts": 0}, ValueError, "attempts must be 1 to 20, not 0"),
        ({"attempts": 21}, ValueError, "attempts must be 1 to 20, not 21"),
        ({"attempts": 1.5}, TypeError, "attempts must be an integer"),
        ({"first_wait": 0}, ValueError, "first_wait must be a number greater than 0"),
        ({"longest_wait": -1}, ValueError, "longest_wait must be a number greater than 0"),
        ({"deadline": 0}, ValueError, "deadline must be a number greater than 0"),
    ],
)
def test_the_policy_has_bounds(facts: dict[str, Any], kind: type[Exception], complaint: str) -> None:
    """The complaint names the argument and its bound."""
    with pytest.raises(kind, match=complaint):
        RetryPolicy(**facts)


def test_the_bounds_themselves_are_within() -> None:
    """One attempt is the same as `never`."""
    assert RetryPolicy(attempts=20).attempts == 20
    assert RetryPolicy.never() == RetryPolicy(attempts=1)


@pytest.mark.parametrize("options", [Timeout(), RetryPolicy(), TransferOptions()])
def test_options_are_values(options: Any) -> None:
    """They compare, have a hash and cannot be changed."""
    assert options == type(options)()
    assert hash(options) == hash(type(options)())
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(options, attrs.fields(type(options))[0].name, 1)


def test_unchanged_is_told_apart_from_none() -> None:
    """It is false, and has its own `repr`."""
    assert repr(UNCHANGED) == "UNCHANGED"
    assert not UNCHANGED
    assert isinstance(UNCHANGED, Unchanged)
