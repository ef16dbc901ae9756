"""The tree of errors: its documentation, and pickling."""

import copy
import errno
import pickle
import re
from typing import Any

import pytest

from itwin_imodels import errors
from itwin_imodels.errors import ApiError, ConflictingLock, ErrorDetail, IModelsError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, IModelsError)]
API_KINDS = [kind for kind in KINDS if issubclass(kind, ApiError)]
FACTS: dict[str, Any] = {
    "operation": "locks.update",
    "entity": "iModel a, briefcase 2",
    "status": 409,
    "code": "ConflictWithAnotherUser",
    "message": "No.",
    "target": "x",
    "details": [ErrorDetail(code="InvalidValue", message="y", target="z", inner_code="w")],
    "request_id": "support-7",
    "retry_after": 1.5,
    "body": "{}",
}
MORE: dict[type[Any], dict[str, Any]] = {
    errors.LockConflict: {
        "conflicting_locks": [ConflictingLock(object_id="0x1", level="exclusive", briefcase_ids=(2, 3))]
    },
    errors.NewerChangesExist: {"object_ids": ["0x1", "0x2"]},
    errors.OutdatedLock: {"object_ids": ["0x1", "0x2"]},
    errors.OutdatedPush: {"changeset_ids": ["ab", "cd"]},
}
OTHERS: dict[type[Any], dict[str, Any]] = {
    errors.ConnectionFailed: {"reached": False},
    errors.UnexpectedResponse: {"status": 200, "body": "b"},
    errors.OperationFailed: {"state": "failed"},
    errors.NameNotFound: {"entity": "iModel a, Named Version 'b'"},
}
ARGUMENTS: dict[type[Any], tuple[object, ...]] = {
    errors.UnreadableFile: (errno.EISDIR, "Is a directory", "1.cs"),
    errors.MissingFile: (errno.ENOENT, "No such file or directory", "1.cs"),
    errors.InvalidChangesetFile: ("1.cs", "it ends too early", 7),
}


def made() -> list[IModelsError]:
    """Create an error of each class."""
    others = [kind(*ARGUMENTS.get(kind, ("a",)), **OTHERS.get(kind, {})) for kind in KINDS if kind not in API_KINDS]
    return [*(kind(**FACTS, **MORE.get(kind, {})) for kind in API_KINDS), *others]


@pytest.mark.parametrize("error", made(), ids=lambda error: type(error).__name__)
def test_an_error_survives_a_trip_to_another_process(error: IModelsError) -> None:
    """It keeps its class, text, attributes and notes."""
    error.add_note("while pushing")
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert other.args == error.args
        assert vars(other) == vars(error)


@pytest.mark.parametrize("kind", API_KINDS, ids=lambda kind: kind.__name__)
def test_an_error_tells_its_facts(kind: type[ApiError]) -> None:
    """They are attributes, and part of the text with a hint."""
    error = kind(**FACTS, **MORE.get(kind, {}))
    for name, value in (FACTS | MORE.get(kind, {})).items():
        assert getattr(error, name) == (tuple(value) if isinstance(value, list) else value)
    for text in (
        "locks.update",
        "iModel a, briefcase 2",
        "ConflictWithAnotherUser",
        "409",
        "No.",
        "support-7",
        error.hint,
    ):
        assert text in str(error)


def test_the_tree_in_the_documentation_is_the_tree() -> None:
    """It has every class below its base."""
    tree = re.findall(r"^([│├└─ ]*)([A-Z]\w+)", (errors.__doc__ or "").split("```")[1], re.MULTILINE)
    found: dict[str, str] = {}
    stack: list[str] = []
    for indent, name in tree:
        depth = len(indent) // 4
        stack[depth:] = [name]
        found[name] = stack[depth - 1] if depth else "Exception"
    assert found == {kind.__name__: kind.__bases__[0].__name__ for kind in KINDS}


def test_all_names_are_exported() -> None:
    """The classes of errors and of their attributes are exported."""
    assert set(errors.__all__) == {kind.__name__ for kind in KINDS} | {"ErrorDetail", "ConflictingLock", "RateLimit"}
    assert errors.__all__ == sorted(errors.__all__)


@pytest.mark.parametrize("error", made(), ids=lambda error: type(error).__name__)
def test_every_fact_is_documented(error: IModelsError) -> None:
    """It is documented in the class or in a base class."""
    text = "\n".join(kind.__doc__ or "" for kind in type(error).__mro__)
    for name in vars(error):
        assert name.startswith("__") or f"    {name}: " in text, name
