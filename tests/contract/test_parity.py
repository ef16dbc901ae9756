"""The two clients have the same members with the same documentation."""

import inspect
import re
from collections.abc import Iterator
from functools import cached_property

import pytest

import itwin_imodels
from itwin_imodels import resources

NAMES = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__", "__aiter__": "__iter__"}
WORDS = [
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bawait ", ""),
    (r"\basync (?=for|with|def)", ""),
    (r"\b([Aa])n asynchronous", r"\1 synchronous"),
    (r"\bAsynchronous", "Synchronous"),
    (r"\basynchronous", "synchronous"),
    (r"_aio\b", "_sync"),
    (r"tasks and threads", "threads"),
    (r"[Ee]ach event loop and each", "Each"),
    (r"processes and all event loops", "processes"),
    *((rf"\b{name}\b", other) for name, other in NAMES.items()),
]
"""What is said differently in the synchronous client."""

PAIRS = [
    (itwin_imodels.AsyncIModelsClient, itwin_imodels.IModelsClient),
    *(
        (getattr(resources, name), getattr(resources, name.removeprefix("Async")))
        for name in resources.__all__
        if name.startswith("Async")
    ),
]
each_pair = pytest.mark.parametrize(("asynchronous", "synchronous"), PAIRS, ids=lambda kind: kind.__name__)


def reworded(text: str) -> str:
    """Return documentation of the asynchronous client as that of the other one, in one line."""
    for pattern, replacement in WORDS:
        text = re.sub(pattern, replacement, text)
    return " ".join(text.split())


def public(kind: type) -> dict[str, object]:
    """Return the public members, including special ones that the class itself defines."""
    own = {name for each in kind.__mro__ if each.__module__.startswith("itwin_imodels") for name in vars(each)}
    special = own & {"__init__", *NAMES, *NAMES.values(), "__repr__"}
    return {
        name: inspect.getattr_static(kind, name) for name in dir(kind) if not name.startswith("_") or name in special
    }


def functions(member: object) -> Iterator[object]:
    """The functions behind a member."""
    if isinstance(member, property):
        yield member.fget
    elif isinstance(member, cached_property):
        yield member.func
    elif isinstance(member, classmethod | staticmethod):
        yield member.__func__
    elif callable(member):
        yield member


def pairs_of_functions(asynchronous: type, synchronous: type) -> Iterator[tuple[str, object, object]]:
    """The functions of two classes that belong together."""
    others = public(synchronous)
    for name, member in public(asynchronous).items():
        for one, other in zip(functions(member), functions(others[NAMES.get(name, name)]), strict=True):
            yield name, one, other


def test_there_is_a_pair_for_each_name() -> None:
    """Neither client has a public part that the other one lacks."""
    names = {name.removeprefix("Async") for name in resources.__all__ if name.startswith("Async")}
    assert names == set(resources.__all__) - {f"Async{name}" for name in names} - {"Page", "PushOptions"}


@each_pair
def test_the_names_are_the_same(asynchronous: type, synchronous: type) -> None:
    """They are of the same kind: method, property, class method."""
    one = {NAMES.get(name, name): type(member) for name, member in public(asynchronous).items()}
    assert one == {name: type(member) for name, member in public(synchronous).items()}


@each_pair
def test_the_signatures_are_the_same(asynchronous: type, synchronous: type) -> None:
    """Parameters, defaults and annotations are the same; results are the same when awaited."""
    for name, one, other in pairs_of_functions(asynchronous, synchronous):
        told = reworded(str(inspect.signature(one)))  # type: ignore[arg-type]  # each is a function
        assert told == reworded(str(inspect.signature(other))), name  # type: ignore[arg-type]  # as above


@each_pair
def test_the_documentation_is_the_same(asynchronous: type, synchronous: type) -> None:
    """Word for word, but for those that are about waiting."""
    assert reworded(asynchronous.__doc__ or "") == " ".join((synchronous.__doc__ or "").split())
    for name, one, other in pairs_of_functions(asynchronous, synchronous):
        assert one.__doc__, name
        assert reworded(one.__doc__) == " ".join((other.__doc__ or "").split()), name


@each_pair
def test_only_one_colour_waits(asynchronous: type, synchronous: type) -> None:
    """The synchronous client has no coroutine."""
    for name, one, other in pairs_of_functions(asynchronous, synchronous):
        assert not inspect.iscoroutinefunction(other), name
        assert not inspect.isasyncgenfunction(other), name
        assert inspect.isasyncgenfunction(one) == inspect.isgeneratorfunction(other), name
