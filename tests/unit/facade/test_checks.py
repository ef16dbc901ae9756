"""Arguments are checked before anything is sent, and the message names the argument and its bound."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._core import checks

SHA1 = "0123456789abcdef0123456789ABCDEF01234567"


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (
            lambda value: checks.identifier("x", value),
            ["a", "5e19bee0-3aea-4355-a9f0-c6df9989ee7d", "a/b", "...", " a"],
        ),
        (lambda value: checks.text("x", value), ["a", "a" * 255, "ß" * 255]),
        (checks.description, [None, "", " ", "a" * 255]),
        (lambda value: checks.whole_number("x", value, minimum=3, maximum=5), [3, 4, 5]),
        (lambda value: checks.whole_number("x", value, minimum=3), [3, 10**30]),
        (checks.briefcase_id, [2, 2**31 - 1]),
        (checks.page_size, [None, 1, 1000]),
        (checks.limit, [None, 0, 10**9]),
        (checks.changeset, [0, 7, SHA1.lower()]),
        (lambda value: checks.choice("x", value, ["a", "b"]), ["a", "b"]),
    ],
)
def test_what_is_within_the_bounds_passes(check: Callable[[Any], object], values: list[object]) -> None:
    """Unchanged, up to and with the bounds themselves."""
    assert [check(value) for value in values] == values


@pytest.mark.parametrize(
    ("check", "value", "complaint"),
    [
        (lambda value: checks.identifier("imodel_id", value), "", "imodel_id must not be empty"),
        (lambda value: checks.identifier("imodel_id", value), " \t", "imodel_id must not be empty"),
        (lambda value: checks.identifier("share_id", value), ".", r"share_id must not be '\.'"),
        (lambda value: checks.identifier("share_id", value), "..", r"share_id must not be '\.\.'"),
        (lambda value: checks.text("name", value), "", "name must not be empty"),
        (lambda value: checks.text("name", value), "  ", "name must not be empty or blank"),
        (lambda value: checks.text("name", value), "Bridge \udc00", "lone surrogate"),
        (lambda value: checks.text("name", value), "a" * 256, "name has 256 characters; at most 255"),
        (checks.description, "a" * 256, "description has 256 characters; at most 255"),
        (lambda value: checks.whole_number("size", value, minimum=1, maximum=9), 0, "size must be 1 to 9, not 0"),
        (lambda value: checks.whole_number("size", value, minimum=1, maximum=9), 10, "size must be 1 to 9, not 10"),
        (lambda value: checks.whole_number("size", value, minimum=1), 0, "size must be at least 1, not 0"),
        (checks.briefcase_id, 1, "briefcase_id must be 2 to 2147483647, not 1"),
        (checks.briefcase_id, 2**31, "briefcase_id must be 2 to 2147483647"),
        (checks.page_size, 0, "page_size must be 1 to 1000, not 0"),
        (checks.page_size, 1001, "page_size must be 1 to 1000, not 1001"),
        (checks.limit, -1, "limit must be at least 0, not -1"),
        (checks.changeset, -1, "changeset must be at least 0, not -1"),
        (checks.changeset, "7", "changeset must be 40 hexadecimal digits, not '7'; pass an index as an integer"),
        (checks.changeset, SHA1[1:], "changeset must be 40 hexadecimal digits"),
        (checks.changeset, f"{SHA1}\n", "changeset must be 40 hexadecimal digits"),
        (lambda value: checks.changeset_id("parent_id", value), "g" * 40, "parent_id must be 40 hexadecimal digits"),
        (
            lambda value: checks.object_ids("exclusive", value),
            ["1f"],
            "exclusive must contain ids such as '0x1f', not '1f'",
        ),
        (lambda value: checks.object_ids("exclusive", value), ["0x"], "exclusive must contain ids such as '0x1f'"),
        (lambda value: checks.object_ids("exclusive", value), ["0x" + "1" * 17], "exclusive must contain ids such as"),
        (lambda value: checks.object_ids("exclusive", value), [""], "exclusive must not be empty"),
        (
            lambda value: checks.choice("size", value, ["small", "large"]),
            "huge",
            "size must be one of 'small', 'large'",
        ),
        (lambda value: checks.choice("size", value, ["small", "large"]), ["small"], "size must be one of"),
    ],
)
def test_what_is_out_of_bounds_is_named_with_its_bound(
    check: Callable[[Any], object], value: object, complaint: str
) -> None:
    """The message is sufficient to correct the call."""
    with pytest.raises(ValueError, match=complaint):
        check(value)


@pytest.mark.parametrize(
    ("check", "value", "complaint"),
    [
        (lambda value: checks.identifier("imodel_id", value), 5, "imodel_id must be a string, not int"),
        (lambda value: checks.identifier("imodel_id", value), None, "imodel_id must be a string, not NoneType"),
        (lambda value: checks.identifier("imodel_id", value), b"a", "imodel_id must be a string, not bytes"),
        (lambda value: checks.text("name", value), ["a"], "name must be a string, not list"),
        (checks.description, 1, "description must be a string, not int"),
        (lambda value: checks.whole_number("size", value, minimum=1), 1.0, "size must be an integer, not float"),
        (lambda value: checks.whole_number("size", value, minimum=1), "1", "size must be an integer, not str"),
        (lambda value: checks.whole_number("size", value, minimum=0), True, "size must be an integer, not bool"),
        (checks.briefcase_id, "2", "briefcase_id must be an integer, not str"),
        (checks.changeset, True, "changeset must be an integer, not bool"),
        (checks.changeset, None, "changeset must be an id or an index, not NoneType"),
        (checks.changeset, 7.0, "changeset must be an id or an index, not float"),
        (
            lambda value: checks.object_ids("shared", value),
            "0x1f",
            "shared must be an iterable of object ids, not a single string",
        ),
        (lambda value: checks.object_ids("shared", value), [31], "shared must be a string, not int"),
        (lambda value: checks.object_ids("shared", value), 31, "shared must be an iterable of object ids, not int"),
        (lambda value: checks.moment("expires_at", value), 5, "expires_at must be a datetime or a string, not int"),
        (lambda value: checks.moment("expires_at", value), None, "expires_at must be a datetime or a string"),
        (lambda value: checks.order_by(value, ["name"]), 5, "order_by must be an iterable of strings, not int"),
        (lambda value: checks.order_by(value, ["name"]), [5], "order_by must be a string, not int"),
    ],
)
def test_another_type_is_named(check: Callable[[Any], object], value: object, complaint: str) -> None:
    """The message has the argument and the type of the value."""
    with pytest.raises(TypeError, match=complaint):
        check(value)


def test_the_id_of_a_changeset_is_sent_in_lower_case() -> None:
    """The service uses lower case."""
    assert checks.changeset(SHA1) == SHA1.lower()
    assert checks.optional_changeset_id("parent_id", SHA1) == SHA1.lower()


@pytest.mark.parametrize("baseline", [None, ""])
def test_no_changeset_is_the_baseline(baseline: str | None) -> None:
    """Both ways in which callers say it."""
    assert checks.optional_changeset_id("parent_id", baseline) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1).map(hex)))
def test_each_object_is_named_once(ids: list[str]) -> None:
    """Objects stay in the given order; letter case and leading zeros make no difference."""
    mixed = [each for object_id in ids for each in (f"0x{object_id[2:].upper():>016}", object_id)]
    assert checks.object_ids("exclusive", mixed) == list(dict.fromkeys(ids))


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        ("name", "name"),
        ("name desc", "name desc"),
        ("created_date_time", "createdDateTime"),
        ("name asc, created_date_time desc", "name asc,createdDateTime desc"),
        (["name asc", "created_date_time desc"], "name asc,createdDateTime desc"),
        (("name",), "name"),
        ((), None),
    ],
)
def test_an_order_is_said_in_the_services_words(value: str | list[str] | None, sent: str | None) -> None:
    """Snake case becomes the service's names; an empty order is no order."""
    assert checks.order_by(value, ["name", "created_date_time"]) == sent


@pytest.mark.parametrize("value", ["", "size", "name up", "name desc asc", "createdDateTime", "name,", "NAME", [""]])
def test_an_order_that_the_service_does_not_know_is_refused(value: str | list[str]) -> None:
    """The complaint lists what there is."""
    with pytest.raises(
        ValueError,
        match=r"expected one or more of 'name', 'created_date_time', each optionally followed by asc or desc",
    ):
        checks.order_by(value, ["name", "created_date_time"])


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC)),
        (datetime(2027, 1, 31), datetime(2027, 1, 31, tzinfo=UTC)),  # noqa: DTZ001 - a time without zone is the case
        (
            datetime(2027, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))),
            datetime(2027, 1, 31, 10, tzinfo=UTC),
        ),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T10:00:00Z", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("2027-01-31 12:00 +02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("2027-02-01 12:00 +02:00", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("31.01.2027", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2/2/2027", datetime(2027, 2, 2, tzinfo=UTC)),
        ("Mon 2027-02-01 10:00:00 UTC", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("202702011000 +00:00", datetime(2027, 2, 1, 10, tzinfo=UTC)),
        ("31 January 2027 10:00 UTC", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("31 January 2027 10:00 GMT", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_datetime_or_text(value: datetime | str, moment: datetime) -> None:
    """Without a zone, it is in UTC."""
    assert checks.moment("expires_at", value) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "2027-13-01",
        "2027-01-31 10:00 XYZ",
        "9999-12-31T23:59:59-23:00",
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    ],
)
def test_what_is_no_moment_is_refused(value: datetime | str) -> None:
    """This includes unknown zones, and times beyond the calendar."""
    with pytest.raises(ValueError, match="expires_at is not a valid date and time"):
        checks.moment("expires_at", value)


@pytest.mark.parametrize(
    "value",
    [
        *("02.01.2027", "1/2/2027", "2-1-2027 10:00", "Fri 02/01/2027", "010227"),
        *("2027-01", "2027", "January 2027", "31 January", "5", "10:00", "Monday", "Monday January 2027"),
    ],
)
def test_a_date_with_several_meanings_is_refused(value: str) -> None:
    """Neither the order of day and month nor a missing part is guessed."""
    with pytest.raises(ValueError, match="expires_at is an incomplete or ambiguous date"):
        checks.moment("expires_at", value)


@settings(deadline=None)
@given(
    st.text() | st.from_regex(r"[0-9]{1,5}[-/. ][0-9]{1,3}[-/. ][0-9]{1,5}[ T][0-9:.]{1,9} ?[A-Z+-]{0,4}[0-9:]{0,6}")
)
def test_no_text_breaks_the_reading_of_moments(value: str) -> None:
    """The result is a time with a zone, or a ValueError that names the argument."""
    try:
        moment = checks.moment("expires_at", value)
    except ValueError as error:
        told = str(error)
    else:
        told = f"expires_at is not a valid date and time but {moment:%z}"
    assert re.match(
        r"expires_at is (not a valid date and time(: | but \+0000)|an incomplete or ambiguous date: )", told
    )


@pytest.mark.parametrize("value", [0, -1, float("nan"), "1", None, True])
def test_a_span_of_time_is_a_number_above_zero(value: object) -> None:
    """The validator names the attribute."""
    attribute = type("Attribute", (), {"name": "read"})
    with pytest.raises(ValueError, match="read must be a number greater than 0"):
        checks.positive(None, attribute, value)
