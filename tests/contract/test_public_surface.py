"""The public surface is ours, typed and documented, without types of other libraries."""

import builtins
import importlib
import inspect
import re
from collections.abc import Iterator

import griffe
import pytest

import imodel_files.changesets
import itwin_imodels
from itwin_imodels import errors, resources
from scripts import api_snapshot
from scripts.specs.inventory import rows

FOREIGN = {"attr", "attrs", "authlib", "dateutil", "httpx", "itwin_imodels_api", "tenacity"}
HOOK = "transport"
"""The one parameter that may have a type of httpx: it is documented as such."""

MODULES = [
    "itwin_imodels",
    *(f"itwin_imodels.{name}" for name in ("auth", "errors", "models", "resources", "webhooks")),
]
OPERATIONS = {row.operation_id for row in rows() if row.facade_method}
NEIGHBOURS = {"get-my-itwins", "get-itwin"}
"""Operations of other APIs, which the facade calls by hand."""
RESOURCES = [getattr(resources, name) for name in resources.__all__ if name not in {"Page", "PushOptions"}]
CLIENTS = [itwin_imodels.AsyncIModelsClient, itwin_imodels.IModelsClient]
Parameters = list[tuple[str, griffe.Expr | str | None]]


@pytest.fixture(scope="module")
def loader() -> griffe.GriffeLoader:
    """Read the source of the facade."""
    loader = griffe.GriffeLoader(search_paths=api_snapshot.SEARCH_PATHS, allow_inspection=False)
    for package in api_snapshot.PACKAGES:
        loader.load(package, try_relative_path=False)
    loader.resolve_aliases(external=False)
    return loader


def exported(loader: griffe.GriffeLoader) -> dict[str, griffe.Object]:
    """Every public object of the facade by its path, members of classes included."""
    found: dict[str, griffe.Object] = {}
    targets: dict[str, set[str]] = {}
    for name in MODULES:
        module = loader.modules_collection[name]
        for each in module.exports or []:
            member = module.members.get(str(each))
            target = member.final_target if isinstance(member, griffe.Alias) else member
            if target is not None:
                found[f"{name}.{each}"] = target
                targets.setdefault(name, set()).add(target.path)
    public = {path for paths in targets.values() for path in paths}
    for path, target in list(found.items()):
        if isinstance(target, griffe.Class):
            found.update({f"{path}.{name}": member for name, member in api_snapshot._members(target, public)})
    return found


def annotations(member: griffe.Object) -> Iterator[tuple[str, griffe.Expr | str | None]]:
    """Return the annotations of an object, each with its place; implementations of overloads are omitted."""
    if isinstance(member, griffe.Function):
        for each in member.overloads or [member]:
            yield "the result", each.returns
            yield from ((parameter.name, parameter.annotation) for parameter in each.parameters)
    elif isinstance(member, griffe.Attribute):
        yield "the value", member.annotation


def names(annotation: griffe.Expr | str | None) -> Iterator[str]:
    """Return the full names in an annotation, including quoted ones."""
    if isinstance(annotation, griffe.Expr):
        yield from (each.canonical_path for each in annotation.iterate(flat=True) if isinstance(each, griffe.ExprName))
    elif annotation:
        yield from re.findall(r"[\w.]+", annotation)


def test_nothing_of_another_library_is_in_an_annotation(loader: griffe.GriffeLoader) -> None:
    """The only exception is the hook for transports, for tests and special networks."""
    leaks = [
        f"{path}: {place}: {name}"
        for path, member in exported(loader).items()
        for place, annotation in annotations(member)
        for name in names(annotation)
        if name.partition(".")[0] in FOREIGN and place != HOOK
    ]
    assert not leaks


def test_nothing_is_of_any_type(loader: griffe.GriffeLoader) -> None:
    """A type checker can help with every argument and result."""
    untyped = [
        f"{path}: {place}"
        for path, member in exported(loader).items()
        for place, annotation in annotations(member)
        if any(name == "typing.Any" for name in names(annotation))
    ]
    assert not untyped


def test_every_argument_and_result_has_a_type(loader: griffe.GriffeLoader) -> None:
    """This applies to functions and methods."""
    untyped = [
        f"{path}: {place}"
        for path, member in exported(loader).items()
        if isinstance(member, griffe.Function)
        for place, annotation in annotations(member)
        if annotation is None and place not in {"self", "cls", "_"}
    ]
    assert not untyped


def test_every_class_in_an_annotation_is_public(loader: griffe.GriffeLoader) -> None:
    """Users can name the types of arguments and results in their own annotations."""
    found = exported(loader)
    public = {member.path for member in found.values()}
    hidden = set()
    for path, member in found.items():
        for place, annotation in annotations(member):
            for name in names(annotation):
                if not name.startswith("itwin_imodels.") or path.rpartition(".")[2] == "__init__":
                    continue
                try:
                    target = loader.modules_collection.get_member(name)
                except KeyError:
                    continue  # a type variable of a class
                target = target.final_target if isinstance(target, griffe.Alias) else target
                ours = target.path.startswith("itwin_imodels.")
                if isinstance(target, griffe.Class) and ours and target.path not in public:
                    hidden.add(f"{path}: {place}: {target.path}")
    assert not hidden


def test_no_base_class_is_of_another_library() -> None:
    """This is checked at run time."""
    for name in MODULES:
        module = importlib.import_module(name)
        for each in module.__all__:
            value = getattr(module, each)
            if isinstance(value, type):
                assert not {kind.__module__.partition(".")[0] for kind in value.__mro__} & FOREIGN, each


def test_every_error_is_one_of_ours() -> None:
    """`except IModelsError` catches all of them."""
    for name in errors.__all__:
        kind = getattr(errors, name)
        if issubclass(kind, BaseException):
            assert issubclass(kind, errors.IModelsError), name


@pytest.mark.parametrize("name", MODULES)
def test_the_list_of_public_names_is_true(name: str) -> None:
    """Each exists, occurs once and is not private."""
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    for each in module.__all__:
        getattr(module, each)
        assert not each.startswith("_") or each == "__version__"


def methods(kind: type) -> Iterator[tuple[str, object]]:
    """The public methods of a class; of overloads the implementation."""
    for name in dir(kind):
        member = inspect.getattr_static(kind, name)
        if isinstance(member, classmethod | staticmethod):
            member = member.__func__
        if not name.startswith("_") and inspect.isfunction(member):
            yield name, member


def arguments(function: object) -> list[str]:
    """The names of a function's parameters."""
    return [name for name in inspect.signature(function).parameters if name not in {"self", "cls"}]  # type: ignore[arg-type]  # it is one


def section(document: str, title: str) -> str:
    """Return the section of a docstring with a title, or an empty string."""
    found = re.search(rf"^{title}:\n((?:    .*\n?|\n)+)", document, re.MULTILINE)
    return found[1] if found else ""


def operation_of(title: str) -> str:
    """The id of the operation whose page has a title."""
    return title.lower().replace(" ", "-")


each_class = pytest.mark.parametrize("kind", CLIENTS + RESOURCES, ids=lambda kind: kind.__name__)


@each_class
def test_every_method_documents_its_arguments(kind: type) -> None:
    """All of them, in their order, and no other."""
    for name, method in methods(kind):
        documented = re.findall(r"^    \**(\w+): ", section(inspect.getdoc(method) or "", "Args"), re.MULTILINE)
        assert documented == arguments(method), f"{kind.__name__}.{name}"


@each_class
def test_every_method_says_what_it_gives(kind: type) -> None:
    """Results are described in a section, unless the first line does so: "Get a briefcase."."""
    for name, method in methods(kind):
        document = inspect.getdoc(method) or ""
        nothing = inspect.signature(method).return_annotation in (None, "None")  # type: ignore[arg-type]  # it is a function
        said = re.match(r"(Get|Return|Create|Collect) ", document) or re.search(
            r"^(Returns|Yields):\n", document, re.MULTILINE
        )
        assert nothing or said, f"{kind.__name__}.{name}"


@each_class
def test_every_method_has_an_example(kind: type) -> None:
    """Another test runs the examples. Objects that a method returns are in the example of that method."""
    if kind not in CLIENTS and not issubclass(kind, _resources()):
        return
    for name, method in methods(kind):
        document = inspect.getdoc(method) or ""
        assert name in {"aclose", "close"} or "```python" in section(document, "Example"), f"{kind.__name__}.{name}"


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.__name__)
def test_every_method_of_a_resource_names_its_operation(kind: type) -> None:
    """The docstring has the title of the service's page, and the errors."""
    if not issubclass(kind, _resources()):
        return
    for name, method in methods(kind):
        document = inspect.getdoc(method) or ""
        found = re.search(r"^Service operation: ([\w ]+)[,.]", document, re.MULTILINE)
        assert found, f"{kind.__name__}.{name}"
        assert operation_of(found[1]) in OPERATIONS | NEIGHBOURS, f"{kind.__name__}.{name}"
        assert section(document, "Raises"), f"{kind.__name__}.{name}"


def test_every_operation_is_named_by_a_method() -> None:
    """All of the service's pages lead to a method."""
    text = "\n".join(
        inspect.getdoc(method) or ""
        for kind in RESOURCES
        if issubclass(kind, _resources())
        for _, method in methods(kind)
    )
    named = re.findall(r"^Service operation: ([\w ]+)[,.]", text, re.MULTILINE)
    assert set(map(operation_of, named)) == OPERATIONS | NEIGHBOURS


@each_class
def test_errors_that_are_documented_exist(kind: type) -> None:
    """Each is one of the package's or Python's errors."""
    known = {*errors.__all__, *itwin_imodels.auth.__all__, *vars(imodel_files.changesets), *vars(builtins)}
    for name, method in methods(kind):
        raised = re.findall(r"^    (\w+): ", section(inspect.getdoc(method) or "", "Raises"), re.MULTILINE)
        assert set(raised) <= known, f"{kind.__name__}.{name}"


def _resources() -> tuple[type, ...]:
    from itwin_imodels._aio.resources.base import AsyncResource  # noqa: PLC0415 - private, for this alone
    from itwin_imodels._sync.resources.base import Resource  # noqa: PLC0415 - as above

    return AsyncResource, Resource
