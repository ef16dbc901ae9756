"""The models: immutable, comparable, short to look at, and fit to travel to another process."""

import copy
import pickle
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import attrs
import pytest

from itwin_imodels import models
from itwin_imodels.models import (
    Changeset,
    ContainingChanges,
    Extent,
    IModelTemplate,
    Lock,
    LockLevel,
    PermissionGrant,
    Point,
    SynchronizationInfo,
)

SECRET = "s3cr3t"  # noqa: S105 - it opens nothing
KINDS = [getattr(models, name) for name in models.__all__]
CLASSES = [kind for kind in KINDS if attrs.has(kind)]
ENUMS = [kind for kind in KINDS if issubclass(kind, Enum)]
each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
POINT = Point(latitude=48.1, longitude=11.6)
VALUES: dict[str, Any] = {
    "south_west": POINT,
    "north_east": POINT,
    "latitude": 1.5,
    "longitude": 1.5,
    "permissions": ("imodels_read", "future"),
    "objects": {LockLevel.EXCLUSIVE: tuple(map(hex, range(1000)))},
    "object_ids": tuple(map(hex, range(1000))),
    "briefcase_ids": (2, 3),
    "changed_files": tuple(f"{number}.dgn" for number in range(1000)),
    "changeset_id": "0123456789abcdef0123456789abcdef01234567",
    "data": {"key": "value" * 1000},
    "extra": {"futureNote": SECRET},
    "content": SECRET.encode() * 1000,
    "containing_changes": ContainingChanges.SCHEMA | ContainingChanges.DEFINITION,
    "share_key": SECRET,
    "credential": SECRET,
    "href": f"https://store.example/a?sig={SECRET}",
    "base_url": f"https://store.example/container?sig={SECRET}",
    "extent": Extent(south_west=POINT, north_east=POINT),
    "applications": (
        models.ApplicationStatistics(id="a", name="b", owns_locks=True, owns_exclusive_root_element_lock=True),
    ),
}


def made(kind: type[Any]) -> Any:
    """An instance with a value for each of its attributes."""
    return kind(**{field.name: _value(field.name) for field in attrs.fields(kind)})


def _value(name: str) -> object:
    if name in VALUES:
        return VALUES[name]
    if name.endswith(("_time", "_date", "expires_at")):
        return datetime(2026, 1, 31, tzinfo=UTC)
    if name in {"download", "upload"}:
        return models.StorageLink(href=VALUES["href"], storage_type="azure")
    if name == "directory_access":
        return made(models.DirectoryAccess)
    return {"application": models.Application(id="a", name="b"), "state": "future", "briefcase_id": 2}.get(name, name)


@each_class
def test_a_model_cannot_be_changed(kind: type[Any]) -> None:
    """Attributes can be neither changed nor added."""
    model = made(kind)
    for name in (attrs.fields(kind)[0].name, "anything"):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(model, name, 1)
    assert not hasattr(model, "__dict__")


@each_class
def test_a_model_is_made_by_names(kind: type[Any]) -> None:
    """A new attribute in the middle therefore breaks nobody."""
    assert all(field.kw_only for field in attrs.fields(kind))


@each_class
def test_equal_models_are_equal_and_have_one_hash(kind: type[Any]) -> None:
    """They may be members of sets and keys."""
    one, other = made(kind), made(kind)
    assert one == other
    assert hash(one) == hash(other)
    assert {one, other} == {one}
    assert one != object()


@each_class
def test_a_model_can_be_copied_and_sent_to_another_process(kind: type[Any]) -> None:
    """The copy is equal, including attributes that are not compared."""
    model = made(kind)
    for other in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):  # noqa: S301 - our own
        assert other == model
        assert attrs.asdict(other) == attrs.asdict(model)


@each_class
def test_a_model_is_short_to_look_at_and_shows_no_secret(kind: type[Any]) -> None:
    """The `repr` is one line with the name of the class; `str` is the same."""
    shown = repr(made(kind))
    assert shown.startswith(f"{kind.__name__}(")
    assert len(shown) < 400
    assert "\n" not in shown
    assert SECRET not in shown + str(made(kind))


@each_class
def test_every_attribute_is_documented(kind: type[Any]) -> None:
    """It is documented in the class or in a base class."""
    text = "\n".join(each.__doc__ or "" for each in kind.__mro__[:-1])
    for field in attrs.fields(kind):
        assert f"    {field.name}: " in text, field.name


def test_all_public_names_are_models_or_enumerations() -> None:
    """The list is complete and sorted."""
    assert sorted(models.__all__) == sorted(set(models.__all__))
    assert {kind.__name__ for kind in CLASSES + ENUMS} == set(models.__all__)
    public = {name for name, value in vars(models).items() if isinstance(value, type) and not name.startswith("_")}
    assert public == set(models.__all__)


def test_flags_that_are_new_are_kept() -> None:
    """They are kept in addition to known ones."""
    found = ContainingChanges(1 | 1024)
    assert ContainingChanges.SCHEMA in found
    assert int(found) == 1025


def test_a_value_of_an_enumeration_is_its_text() -> None:
    """Comparing with the service's own word works."""
    assert models.ChangesetState("fileUploaded") is models.ChangesetState.FILE_UPLOADED
    assert str(models.ChangesetState.FILE_UPLOADED) == "fileUploaded"
    assert f"{models.Permission.READ}" == "imodels_read"


def test_locks_are_counted_and_shown_by_level() -> None:
    """The value is None for a level without locks."""
    lock = Lock(imodel_id="a", briefcase_id=2, objects={LockLevel.SHARED: ("0x1", "0x2"), "future": ("0x3",)})
    assert (lock.shared, lock.exclusive, lock.count) == (("0x1", "0x2"), (), 3)
    assert repr(lock) == "Lock(briefcase_id=2, shared=2, future=1)"
    assert repr(Lock(imodel_id="a", briefcase_id=2, objects={})) == "Lock(briefcase_id=2, nothing)"


@pytest.mark.parametrize(
    ("kind", "facts", "error", "complaint"),
    [
        (Point, {"latitude": 90.1, "longitude": 0}, ValueError, "latitude must be a number from -90 to 90, not 90.1"),
        (Point, {"latitude": 0, "longitude": -181}, ValueError, "longitude must be a number from -180 to 180"),
        (Point, {"latitude": float("nan"), "longitude": 0}, ValueError, "latitude must be"),
        (Point, {"latitude": "1", "longitude": 0}, ValueError, "latitude must be"),
        (Point, {"latitude": True, "longitude": 0}, ValueError, "latitude must be"),
        (IModelTemplate, {"imodel_id": ""}, ValueError, "imodel_id must not be empty"),
        (IModelTemplate, {"imodel_id": "a", "changeset_id": "7"}, ValueError, "changeset_id must be 40 hexadecimal"),
        (SynchronizationInfo, {"task_id": " "}, ValueError, "task_id must not be empty"),
        (SynchronizationInfo, {"task_id": "a", "changed_files": []}, ValueError, "changed_files must not be empty"),
        (
            SynchronizationInfo,
            {"task_id": "a", "changed_files": "a.dgn"},
            TypeError,
            "changed_files must be an iterable of",
        ),
        (PermissionGrant, {"id": "", "permissions": []}, ValueError, "id must not be empty"),
        (PermissionGrant, {"id": "a", "permissions": "imodels_read"}, TypeError, "permissions must be an iterable of"),
    ],
)
def test_what_a_caller_makes_is_checked(
    kind: type[Any], facts: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    """The complaint names the argument and its bound."""
    with pytest.raises(error, match=complaint):
        kind(**facts)


def test_the_bounds_themselves_are_within() -> None:
    """This applies to coordinates; arguments with several values accept any iterable."""
    assert Point(latitude=-90, longitude=180) != Point(latitude=90, longitude=-180)
    assert PermissionGrant(id="a", permissions=iter(["imodels_read"])).permissions == ("imodels_read",)
    assert SynchronizationInfo(task_id="a", changed_files=["b"]).changed_files == ("b",)


def test_the_short_form_is_a_base_of_the_long_one() -> None:
    """Functions for one accept the other."""
    for name in models.__all__:
        if name.startswith("Minimal"):
            assert issubclass(getattr(models, name.removeprefix("Minimal")), getattr(models, name))
    assert issubclass(models.CreatedChangeset, Changeset)


def test_links_to_one_file_are_equal() -> None:
    """The same entity read twice is equal, although the signatures differ."""
    first, second = (models.StorageLink(href=f"https://store/a/b.cs?sig={sig}", storage_type="azure") for sig in "xy")
    other = models.StorageLink(href="https://store/a/c.cs?sig=x", storage_type="azure")
    assert first == second
    assert hash(first) == hash(second)
    assert first != other
