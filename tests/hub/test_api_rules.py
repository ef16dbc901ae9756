"""Rules as functions: properties that apply to all values."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from itwin_imodels_hub.basis.clock import Clock
from itwin_imodels_hub.basis.ids import Ids
from itwin_imodels_hub.rules.id_formats import is_changeset_id, parse_index, parse_object_id, parse_uuid
from itwin_imodels_hub.rules.locks import (
    Holding,
    LockChanges,
    LockConflictError,
    LockLevel,
    NewerChangesError,
    NotHeldError,
    plan_changes,
)
from itwin_imodels_hub.rules.ordering import Order, parse_order
from itwin_imodels_hub.rules.paging import Position, read_token, write_token
from itwin_imodels_hub.rules.permissions import BY_ROLE, BY_USER, Permission, on_imodel, with_implied
from itwin_imodels_hub.rules.push import Start, Waiting, begin_push, group_state
from itwin_imodels_hub.rules.times import read_time, write_time

OBJECTS = ["0x1", "0x2", "0x3"]
BRIEFCASES = st.integers(2, 4)
LEVELS = st.sampled_from(list(LockLevel))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def outcome_of(
    briefcase: int, wanted: dict[str, LockLevel], holdings: list[Holding], saved: dict[str, int], index: int
) -> tuple[tuple[str, set[str]], LockChanges | None]:
    """Return what a request changes, or why it fails and which objects are to blame."""
    try:
        return ("", set()), plan_changes(briefcase, wanted, holdings, saved=saved, pulled_index=index)
    except NotHeldError:
        return ("not held", set()), None
    except LockConflictError as error:
        holders = {key for item in error.conflicts for key in item.briefcase_ids}
        return (
            "conflict" if briefcase not in holders else "own lock",
            {item.object_id for item in error.conflicts},
        ), None
    except NewerChangesError as error:
        return ("newer", set(error.object_ids)), None


class LocksMachine(RuleBasedStateMachine):
    """Locks against a model that is written down differently: object by object."""

    def __init__(self) -> None:
        """Begin without locks."""
        super().__init__()
        self.held: dict[str, dict[int, LockLevel]] = {key: {} for key in OBJECTS}
        self.saved: dict[str, int] = {}

    def expected(self, briefcase: int, object_id: str, level: LockLevel, index: int) -> str:
        """Return the outcome of one request."""
        own = self.held[object_id].get(briefcase, LockLevel.NONE)
        others = {key: value for key, value in self.held[object_id].items() if key != briefcase}
        if level is LockLevel.NONE:
            return "released" if own else "not held"
        if own >= level:
            return "demoted" if own > level else "kept"
        if level is LockLevel.EXCLUSIVE and others:
            return "conflict"
        if LockLevel.EXCLUSIVE in others.values():
            return "conflict"
        if level is LockLevel.EXCLUSIVE and self.saved.get(object_id, 0) > index:
            return "newer"
        return "acquired"

    @rule(
        briefcase=BRIEFCASES,
        wanted=st.dictionaries(st.sampled_from(OBJECTS), LEVELS, max_size=3),
        index=st.integers(0, 3),
    )
    def request(self, briefcase: int, wanted: dict[str, LockLevel], index: int) -> None:
        """Request locks: all or none are acquired."""
        outcomes = {key: self.expected(briefcase, key, level, index) for key, level in wanted.items()}
        holdings = [Holding(key, who, level) for key, all_ in self.held.items() for who, level in all_.items()]
        relevant = [holding for holding in holdings if holding.object_id in wanted]
        refused, changes = outcome_of(briefcase, wanted, relevant, self.saved, index)
        if changes is None:
            kind, objects = refused
            assert kind in outcomes.values()
            assert kind == "not held" or objects == {key for key, outcome in outcomes.items() if outcome == kind}
            return
        assert set(outcomes.values()) <= {"released", "kept", "acquired", "demoted"}
        assert set(changes.demoted) == {key for key, outcome in outcomes.items() if outcome == "demoted"}
        assert set(changes.acquired) == {key for key, outcome in outcomes.items() if outcome == "acquired"}
        for key, level in changes.acquired.items():
            self.held[key][briefcase] = level
        for key in changes.demoted:
            self.held[key][briefcase] = LockLevel.SHARED
            self.saved[key] = max(self.saved.get(key, 0), index)
        for key, level in changes.released.items():
            assert self.held[key].pop(briefcase) is level
            if level is LockLevel.EXCLUSIVE and index:
                self.saved[key] = max(self.saved.get(key, 0), index)

    @invariant()
    def exclusive_means_alone(self) -> None:
        """No other briefcase has a lock on an exclusively locked object."""
        for holders in self.held.values():
            assert LockLevel.EXCLUSIVE not in holders.values() or len(holders) == 1


TestLocksMachine = LocksMachine.TestCase


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", " asc", " desc"])), min_size=1))
def test_order_by(parts: list[tuple[str, str]]) -> None:
    """Criteria are parsed; a repeated property is rejected, as are several where one is allowed."""
    text = ",".join(f"{name}{direction}" for name, direction in parts)
    names = [name for name, _ in parts]
    expected = [Order(name, direction == " desc") for name, direction in parts]
    unique = len(set(names)) == len(names)
    assert parse_order(text, {"a", "b", "c"}, several=True) == (expected if unique else None)
    assert parse_order(text, {"a", "b", "c"}, several=False) == (expected if len(parts) == 1 else None)


@given(st.text())
def test_order_by_of_any_text(text: str) -> None:
    """Any text is parsed or rejected."""
    order = parse_order(text, {"name"}, several=True)
    assert order is None or [item.name for item in order] == ["name"]


@given(st.lists(st.integers() | st.text(), min_size=1, max_size=3), st.integers(0, 3), st.text(), st.text())
def test_tokens(key: list[int | str], flags: int, scope: str, other: str) -> None:
    """A token contains its input, for its own list only."""
    position = Position(tuple(key), backwards=flags % 2 == 1, inclusive=flags > 1)
    token = write_token(position, scope=scope.encode(errors="replace").decode(), key=b"k")
    scope, other = (text.encode(errors="replace").decode() for text in (scope, other))
    assert read_token(token, scope=scope, key=b"k") == position
    assert read_token(token, scope=scope, key=b"other") is None
    assert scope == other or read_token(token, scope=other, key=b"k") is None


@given(st.text())
def test_tokens_of_any_text(text: str) -> None:
    """Any other text is rejected."""
    assert read_token(text, scope="s", key=b"k") is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_times(moment: datetime) -> None:
    """Times are read as written, with seven digits."""
    text = write_time(moment)
    assert read_time(text) == moment
    assert len(text.partition(".")[2]) == 8


@given(st.text())
def test_ids_of_any_text(text: str) -> None:
    """Any text is parsed or rejected."""
    assert parse_uuid(text) is None or len(text) == 36
    assert not is_changeset_id(text) or len(text) == 40
    assert parse_index(text) is None or len(text) < 40
    assert parse_object_id(text) is None or text.lower().startswith("0x")
    read_time(text)


@given(st.integers(0, 2**64 - 1), st.integers(0, 5))
def test_object_ids(number: int, zeros: int) -> None:
    """Each object has one form."""
    assert parse_object_id(f"0x{'0' * zeros}{number:X}") == hex(number)


def test_seeded_ids() -> None:
    """The same seed results in the same ids, which are UUIDs; without one they differ."""
    first, second = Ids("seed"), Ids("seed")
    made = [first.new() for _ in range(5)]
    assert made == [second.new() for _ in range(5)]
    assert len(set(made)) == 5
    assert all(parse_uuid(text) == text for text in made)
    assert Ids().new() != Ids().new()


def test_clock() -> None:
    """A clock can be set, advanced and stopped, and continues from there."""
    clock = Clock(NOW, running=False)
    assert clock.now() == NOW
    clock.advance(timedelta(hours=1))
    assert clock.now() == NOW + timedelta(hours=1)
    clock.resume()
    assert timedelta() <= clock.now() - NOW - timedelta(hours=1) < timedelta(minutes=1)
    clock.set(NOW)
    assert timedelta() <= clock.now() - NOW < timedelta(minutes=1)
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_begin_push() -> None:
    """A pending push blocks others until its time is over, except its own briefcase."""
    waiting = Waiting(changeset_id="a", briefcase_id=2, since=NOW)
    timeout = timedelta(minutes=5)

    def begin(changeset_id: str, briefcase_id: int, seconds: float = 0) -> Start:
        return begin_push(waiting, changeset_id, briefcase_id, now=NOW + timedelta(seconds=seconds), timeout=timeout)

    assert begin_push(None, "a", 2, now=NOW, timeout=timeout) is Start.FRESH
    assert begin("a", 2) is begin("a", 2, 999) is Start.REPEATED
    assert begin("b", 2) is begin("b", 2, 999) is Start.IN_PLACE
    assert begin("b", 3, 299) is begin("a", 3, 299) is Start.BUSY
    assert begin("b", 3, 300) is Start.IN_PLACE


def test_group_state() -> None:
    """Only open groups time out."""
    timeout = timedelta(hours=1)
    assert group_state("inProgress", NOW, now=NOW, timeout=timeout) == "inProgress"
    assert group_state("inProgress", NOW, now=NOW + timeout, timeout=timeout) == "timedOut"
    assert group_state("completed", NOW, now=NOW + timeout, timeout=timeout) == "completed"


def test_permissions() -> None:
    """Stronger permissions include weaker ones; those of an iModel replace the iTwin's."""
    write = with_implied(["imodels_write"])
    assert write == {Permission.WEBVIEW, Permission.READ, Permission.WRITE}
    assert with_implied(["imodels_delete"]) == {Permission.DELETE}
    assert on_imodel(write, None, kind=None) == write
    assert on_imodel(write, {"u": ["imodels_read"]}, kind=BY_USER) == with_implied(["imodels_read"])
    assert on_imodel(frozenset(), {"u": ["imodels_read"]}, kind=BY_USER) == frozenset()
    assert on_imodel(with_implied(["imodels_manage"]), {}, kind=BY_USER) == with_implied(["imodels_webview"])
    assert on_imodel(frozenset(), {"r": ["imodels_read"]}, kind=BY_ROLE) == frozenset()
    assert on_imodel(write, {}, kind=BY_ROLE) == frozenset()
    everything = frozenset(Permission)
    assert on_imodel(everything, {"r": ["imodels_read"]}, kind=BY_ROLE) == with_implied(["imodels_read"]) | {
        Permission.DELETE
    }
