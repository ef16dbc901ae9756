"""Splitting of lock requests, and merging of responses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels._workflows import lock as rules
from itwin_imodels.models import Lock, LockLevel, ReleasedLocks

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
LEVELS = {"exclusive": LockLevel.EXCLUSIVE, "shared": LockLevel.SHARED, "release": LockLevel.NONE}
numbers = st.integers(1, 2**64 - 1)
answers = st.dictionaries(
    st.sampled_from([*LockLevel, "future"]),
    st.lists(st.integers(1, 30).map(hex), max_size=8, unique=True).map(tuple),
    max_size=4,
).map(lambda objects: lock(2, objects))


def lock(briefcase_id: int, objects: dict[LockLevel | str, tuple[str, ...]]) -> Lock:
    """Locks of a briefcase."""
    return Lock(imodel_id=IMODEL, briefcase_id=briefcase_id, objects=objects)


@settings(deadline=None)
@given(st.dictionaries(numbers, st.sampled_from(list(LEVELS)), min_size=1, max_size=50), st.integers(1, 60))
def test_requests_hold_each_wish_once(wishes: dict[int, str], factor: int) -> None:
    """Each request has at most 1000 ids; no id is lost, repeated or moved to another level, and the order is kept."""
    asked = {
        name: [hex(number * 64 + copy) for number, level in wishes.items() if level == name for copy in range(factor)]
        for name in LEVELS
    }
    unique = {name: list(dict.fromkeys(each)) for name, each in asked.items()}
    requests = rules.requests(**{name: [*ids, *ids[:3]] for name, ids in asked.items()}) if _fits(unique) else []
    for request in requests:
        assert 1 <= sum(map(len, request.values())) <= 1000
        assert all(request.values())
    for name, level in LEVELS.items():
        sent = [object_id for request in requests for object_id in request.get(level, ())]
        assert sent == (unique[name] if requests else [])


def _fits(asked: dict[str, list[str]]) -> bool:
    return all(len(object_id) <= 18 for ids in asked.values() for object_id in ids)


def test_a_thousand_ids_are_one_request() -> None:
    """1001 ids are two requests."""
    ids = [hex(number) for number in range(1, 1002)]
    assert len(rules.requests(exclusive=ids[:1000], shared=(), release=())) == 1
    first, second = rules.requests(exclusive=ids[:600], shared=ids[600:], release=())
    assert {level: len(each) for level, each in first.items()} == {LockLevel.EXCLUSIVE: 600, LockLevel.SHARED: 400}
    assert second == {LockLevel.SHARED: ["0x3e9"]}


@pytest.mark.parametrize(("one", "other"), [("exclusive", "shared"), ("shared", "release"), ("exclusive", "release")])
def test_one_object_at_two_levels_is_refused(one: str, other: str) -> None:
    """Upper and lower case digits are equal."""
    wishes: dict[str, tuple[str, ...] | list[str]] = {
        "exclusive": (),
        "shared": (),
        "release": (),
        one: ["0xab"],
        other: ["0xAB"],
    }
    with pytest.raises(ValueError, match="is listed in both"):
        rules.requests(**wishes)


def test_an_object_named_twice_is_sent_once() -> None:
    """Upper and lower case digits are equal."""
    assert rules.requests(exclusive=["0xab", "0xAB", "0xab"], shared=(), release=()) == [
        {LockLevel.EXCLUSIVE: ["0xab"]}
    ]


def test_a_wish_for_nothing_is_refused() -> None:
    """The message says what to pass."""
    with pytest.raises(ValueError, match="pass at least one object id"):
        rules.requests(exclusive=(), shared=(), release=())


def test_iterators_are_read_once() -> None:
    """A generator is as good as a list."""
    wishes = rules.requests(exclusive=(hex(number) for number in (1, 2)), shared=iter(()), release=())
    assert wishes == [{LockLevel.EXCLUSIVE: ["0x1", "0x2"]}]


@settings(deadline=None)
@given(answers, answers)
def test_parts_of_one_briefcase_are_put_together(first: Lock, second: Lock) -> None:
    """Each id of the parts occurs once, at its level."""
    both = rules.joined(first, second)
    assert both is not None
    for level in {*first.objects, *second.objects}:
        ids = both.objects[level]
        assert set(ids) == {*first.objects.get(level, ()), *second.objects.get(level, ())}
        assert len(ids) == len(set(ids))


@settings(deadline=None)
@given(answers)
def test_locks_of_two_briefcases_stay_apart(first: Lock) -> None:
    """Released locks of two levels stay separate, too."""
    assert rules.joined(first, lock(3, {})) is None
    released = [
        ReleasedLocks(imodel_id=IMODEL, level=level, object_ids=("0x1",))
        for level in (LockLevel.SHARED, LockLevel.EXCLUSIVE)
    ]
    assert rules.joined_released(*released) is None


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(1, 30).map(hex)).map(tuple), min_size=2, max_size=2))
def test_parts_of_one_level_are_put_together(parts: list[tuple[str, ...]]) -> None:
    """Each released id occurs once, in the original order."""
    first, second = (ReleasedLocks(imodel_id=IMODEL, level="shared", object_ids=ids) for ids in parts)
    both = rules.joined_released(first, second)
    assert both is not None
    assert both.object_ids == tuple(dict.fromkeys(parts[0] + parts[1]))


@settings(deadline=None)
@given(st.lists(answers, min_size=1, max_size=5))
def test_answers_to_several_requests_become_one(given_answers: list[Lock]) -> None:
    """Each object occurs once, at the level of the last response with it."""
    merged = rules.merged(given_answers)
    levels = {
        object_id: level for answer in given_answers for level, ids in answer.objects.items() for object_id in ids
    }
    found = [(object_id, level) for level, ids in merged.objects.items() for object_id in ids]
    assert sorted(found) == sorted(levels.items())
    assert (merged.imodel_id, merged.briefcase_id) == (IMODEL, 2)
