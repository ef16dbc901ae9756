"""The facade's calls to every operation, built with example arguments."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pkgutil import iter_modules
from typing import Any

from itwin_imodels import _operations
from itwin_imodels._core.options import UNCHANGED
from itwin_imodels._operations.call import Call
from itwin_imodels.models import (
    Extent,
    IModelTemplate,
    LockLevel,
    PermissionGrant,
    Point,
    SynchronizationInfo,
)
from scripts.toolkit import ToolError

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
ITWIN = "ab8c5b4e-1ad1-4bf5-a5b4-3d0b8e0a7a30"
ENTITY = "c6df9989-ee7d-4355-a9f0-5e19bee03aea"
_SHA1 = "0123456789abcdef0123456789abcdef01234567"
_WHEN = datetime(2027, 1, 31, 10, tzinfo=UTC)
_POINT = Point(latitude=46.1, longitude=-7.6)

_ARGUMENTS: Mapping[str, tuple[object, ...]] = {
    "after_changeset_index": (3,),
    "after_index": (0,),
    "baseline_file_size": (7,),
    "briefcase_id": (2,),
    "changeset": (_SHA1, 7),
    "changeset_id": (_SHA1,),
    "containers_enabled": (3,),
    "containing_changes": (1,),
    "content": (b"\x89PNG\r\n\x1a\n picture",),
    "creation_mode": ("empty",),
    "data": ({"a": 1},),
    "description": ("Text", None),
    "detail": ("full", "minimal"),
    "expires_at": (_WHEN,),
    "extent": (Extent(south_west=_POINT, north_east=_POINT), None),
    "file_size": (7,),
    "grants": ([PermissionGrant(id=ENTITY, permissions=("imodels_read", "future"))],),
    "horizontal_crs_id": ("EPSG:3857",),
    "imodel_id": (IMODEL,),
    "itwin_id": (ITWIN,),
    "last_index": (999,),
    "level": ("shared",),
    "levels": ({LockLevel.EXCLUSIVE: ["0x1"], LockLevel.NONE: ["0x2"]},),
    "order_by": ("index", "name", "acquired_date_time", "changeset_index", "given_name"),
    "parent_id": (_SHA1[::-1],),
    "permission": ("imodels_read",),
    "preserve_history": (True,),
    "size": ("large", "small"),
    "state": ("initialized", "visible"),
    "synchronization_info": (SynchronizationInfo(task_id="1", changed_files=["a"]), SynchronizationInfo(task_id="1")),
    "template": (IModelTemplate(imodel_id=IMODEL, changeset_id=_SHA1), IModelTemplate(imodel_id=IMODEL)),
    "top": (5,),
}
"""Values for arguments of the builders. If there are several, each operation uses the ones that it accepts.

Any other argument that can be a string is `ENTITY`.
"""

_ALWAYS_GIVEN = frozenset({"top"})
"""Arguments that are optional in the builders only because tests omit them; the client always sends a page size."""

Builder = Callable[..., Call[Any]]


def builders() -> Iterator[Builder]:
    """Yield the functions of the facade that build calls."""
    for module in iter_modules(_operations.__path__, f"{_operations.__name__}."):
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.name:
                continue
            if str(inspect.signature(function).return_annotation).startswith(f"{Call.__module__}.Call"):
                yield function


def calls(builder: Builder) -> Iterator[Call[Any]]:
    """Yield a call for each value of each argument, and one without it; the other arguments are minimal.

    Raises:
        ToolError: The builder accepts none of the values of an argument.
    """
    least = _least(builder)
    accepted: set[str] = set()
    for name, omitted in least.items():
        for value in (omitted, *_values(builder, name)):
            arguments = {**least, name: value}
            if not (call := _build(builder, arguments)):  # a value for another operation, or an empty update
                continue
            yield call
            accepted |= {each for each, given in arguments.items() if given is not None and given is not UNCHANGED}
    if rejected := set(least) - accepted:
        raise ToolError(
            f"{builder.__module__}.{builder.__name__} rejects every known value of {', '.join(sorted(rejected))};"
            " add one that it accepts to _ARGUMENTS in scripts/facade_calls.py"
        )


def full_calls(builder: Builder) -> Iterator[Call[Any]]:
    """Yield the call with all arguments that the builder accepts together, once per detail or kind of changeset."""
    arguments = _least(builder)
    for name in arguments:
        for value in reversed(_values(builder, name)):
            if _build(builder, {**arguments, name: value}):
                arguments[name] = value
    varied = next((name for name in ("changeset", "detail") if name in arguments), next(iter(arguments)))
    built = (_build(builder, {**arguments, varied: value}) for value in _values(builder, varied))
    yield from (call for call in built if call)


def _build(builder: Builder, arguments: Mapping[str, object]) -> Call[Any] | None:
    try:
        return builder(**arguments)
    except (TypeError, ValueError):
        return None


def _least(builder: Builder) -> dict[str, object]:
    """Return values that omit all optional arguments, and the first value of each required one."""
    return {name: _omitted(builder, each) for name, each in inspect.signature(builder).parameters.items()}


def _omitted(builder: Builder, parameter: inspect.Parameter) -> object:
    annotation = str(parameter.annotation)
    if "Unchanged" in annotation:
        return UNCHANGED
    if "None" in annotation and parameter.name not in _ALWAYS_GIVEN:
        return None
    return _values(builder, parameter.name)[0]


def _values(builder: Builder, name: str) -> tuple[object, ...]:
    if name in _ARGUMENTS:
        return _ARGUMENTS[name]
    if "str" in str(inspect.signature(builder).parameters[name].annotation):
        return (ENTITY,)
    raise ToolError(f"{builder.__module__}.{builder.__name__}: add {name} to _ARGUMENTS in scripts/facade_calls.py")
