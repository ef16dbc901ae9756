"""Write the snapshot of the public API, or check that it is up to date.

python -m scripts.api_snapshot           writes tests/contract/api.txt
python -m scripts.api_snapshot --check   compares the committed snapshot with the source

Public objects are the names in ``__all__`` of modules without a leading underscore in their path, and the public and
special members of classes among them. The source is parsed, not imported.
"""

import argparse
import ast
import difflib
from collections.abc import Iterator
from pathlib import Path

import griffe

from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, run, shown

OUTPUT = ROOT / "tests" / "contract" / "api.txt"
SEARCH_PATHS = [ROOT / "facade", ROOT / "hub"]
PACKAGES = ["imodel_files", "itwin_imodels", "itwin_imodels_hub"]

_HEADER = "# The public API, one object a line. Written by 'make api'; review every change."
_SHOWN_LINES = 20
_LABELS = ("abstractmethod", "async", "cached", "classmethod", "property", "staticmethod", "writable", "deletable")
_MARKERS = {
    griffe.ParameterKind.var_positional: "*",
    griffe.ParameterKind.var_keyword: "**",
}

Member = griffe.Object | griffe.Alias


def main(argv: list[str]) -> int:
    """Run ``make api`` and ``make api-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the output instead of writing it")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the snapshot file")
    parser.add_argument("--search-path", type=Path, action="append", help="folder that contains packages (repeatable)")
    parser.add_argument("--package", action="append", help="package to include (repeatable)")
    options = parser.parse_args(argv)
    lines = snapshot(options.search_path or SEARCH_PATHS, options.package or PACKAGES)
    if options.check:
        check(lines, options.output)
    else:
        replace_file(options.output, "".join(f"{line}\n" for line in [_HEADER, *lines]).encode())
    print(f"{shown(options.output)}: {len(lines)} public objects, {'up to date' if options.check else 'written'}")
    return 0


def check(lines: list[str], committed: Path) -> None:
    """Compare the public API with the committed snapshot and print the first differences.

    Raises:
        ToolError: The public API has changed.
    """
    old = read_bytes(committed, "the public API").decode().splitlines()
    difference = list(difflib.unified_diff(old, [_HEADER, *lines], "committed", "source", n=0, lineterm=""))
    if difference:
        print("\n".join(difference[:_SHOWN_LINES]))
        if len(difference) > _SHOWN_LINES:
            print(f"… and {len(difference) - _SHOWN_LINES} more lines")
        raise ToolError(
            f"{shown(committed)}: the public API has changed (see above); if this is intended, run 'make api' and"
            " review the difference"
        )


def snapshot(search_paths: list[Path], packages: list[str]) -> list[str]:
    """Return the public objects of packages, one line each, sorted.

    Raises:
        ToolError: A package is missing, a file is not valid Python, or ``__all__`` contains an undefined name.
    """
    loader = griffe.GriffeLoader(search_paths=search_paths, allow_inspection=False)
    modules = [module for name in packages for module in _public_modules(_load(loader, name, search_paths))]
    loader.resolve_aliases(external=False)
    exported = [(module, name, _member(module, name, packages)) for module in modules for name in _exports(module)]
    public = {member.path for *_, member in exported if isinstance(member, griffe.Class)}
    lines = {f"{module.path} [module]" for module in modules if module.exports is not None}
    for module, name, member in exported:
        lines.update(_lines(f"{module.path}.{name}", member, public))
    return sorted(lines)


def _load(loader: griffe.GriffeLoader, package: str, search_paths: list[Path]) -> griffe.Module:
    folder = next((path / package for path in search_paths if (path / package).is_dir()), None)
    if folder is None:
        raise ToolError(f"package {package}: not found in {', '.join(map(shown, search_paths))}")
    for path in sorted(folder.rglob("*.py")):
        try:
            ast.parse(read_bytes(path, "source"))
        except SyntaxError as error:
            raise ToolError(f"{shown(path)}:{error.lineno}: not Python: {error.msg}") from error
    module = loader.load(package, try_relative_path=False)
    if not isinstance(module, griffe.Module):
        raise ToolError(f"package {package}: {shown(folder)} is not a package")
    return module


def _public_modules(module: griffe.Module) -> Iterator[griffe.Module]:
    yield module
    for name, member in module.members.items():
        if isinstance(member, griffe.Module) and not name.startswith("_"):
            yield from _public_modules(member)


def _exports(module: griffe.Module) -> list[str]:
    return [str(name) for name in module.exports or []]


def _member(module: griffe.Module, name: str, packages: list[str]) -> Member:
    """Return the object of an exported name, or an alias if it comes from outside the packages."""
    member = module.members.get(name)
    try:
        return member.final_target if isinstance(member, griffe.Alias) else module.members[name]
    except (KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError) as error:
        if isinstance(member, griffe.Alias) and member.target_path.partition(".")[0] not in packages:
            return member
        place = f"{shown(Path(str(module.filepath)))}: __all__"
        raise ToolError(f"{place}: {name!r} does not exist; define it or remove it") from error


def _lines(path: str, member: Member, public: set[str]) -> Iterator[str]:
    match member:
        case griffe.Alias():
            yield f"{path} [alias of {member.target_path}]"
        case griffe.Class():
            yield _class_line(path, member, public)
            for name, each in _members(member, public):
                yield from _lines(f"{path}.{name}", each, public)
        case griffe.Function(overloads=[_, *_] as overloads):
            for number, each in enumerate(overloads, 1):
                yield f"{path}{_signature(each)}{_marked(member, f'overload {number}')}"
        case griffe.Function():
            yield f"{path}{_signature(member)}{_marked(member)}"
        case griffe.Attribute():
            yield f"{path}{_attribute(member)}{_marked(member)}"
        case griffe.TypeAlias():
            yield f"{path} = {member.value} [type]"


def _members(owner: griffe.Class, public: set[str]) -> Iterator[tuple[str, griffe.Object]]:
    """Yield the public members of a class, including those of private bases that no public base provides."""
    above = {name for base in owner.mro() if base.path in public for name in base.all_members}
    for name, member in owner.all_members.items():
        try:
            target = member.final_target if isinstance(member, griffe.Alias) else member
        except (griffe.AliasResolutionError, griffe.CyclicAliasError):
            continue
        special = name.startswith("__") and name.endswith("__") and target.is_function
        if (name in owner.members or name not in above) and (special or not name.startswith("_")):
            yield name, target


def _class_line(path: str, member: griffe.Class, public: set[str]) -> str:
    bases = ", ".join(dict.fromkeys(_bases(member, public)))
    decorators = [f"@{decorator.value}" for decorator in member.decorators]
    order = [f"fields {' '.join(fields)}"] if (fields := _fields(member)) else []
    return f"{path}{f'({bases})' if bases else ''} [{', '.join(['class', *decorators, *order])}]"


def _bases(member: griffe.Class, public: set[str]) -> Iterator[str]:
    """Yield the bases as written in the source; private bases are replaced with their own bases."""
    for base in member.bases:
        target = _resolved(member, base)
        if isinstance(target, griffe.Class) and target.path not in public:
            yield from _bases(target, public)
        else:
            yield str(base)


def _resolved(member: griffe.Class, base: str | griffe.Expr) -> griffe.Object | None:
    try:
        found = member.modules_collection.get_member(base if isinstance(base, str) else base.canonical_path)
        return found.final_target if isinstance(found, griffe.Alias) else found
    except (KeyError, griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _fields(member: griffe.Class) -> list[str]:
    """Return the fields in order if they define a generated constructor."""
    attrs = any(decorator.callable_path.startswith(("attr.", "attrs.")) for decorator in member.decorators)
    if not attrs and not any(str(base).endswith("NamedTuple") for base in member.bases):
        return []
    return [
        name
        for name, each in member.members.items()
        if isinstance(each, griffe.Attribute) and each.annotation is not None and "property" not in each.labels
    ]


def _signature(function: griffe.Function) -> str:
    returns = "" if function.returns is None else f" -> {_text(function.returns)}"
    return f"({', '.join(_parameters(function.parameters))}){returns}"


def _parameters(parameters: griffe.Parameters) -> Iterator[str]:
    """Yield the parameters as written in source, with ``/`` and ``*`` where their kinds change."""
    before = None
    starred = False
    for each in parameters:
        if before is griffe.ParameterKind.positional_only and each.kind is not before:
            yield "/"
        if each.kind is griffe.ParameterKind.keyword_only and not starred:
            yield "*"
        starred = starred or each.kind in {griffe.ParameterKind.var_positional, griffe.ParameterKind.keyword_only}
        before = each.kind
        yield _parameter(each)
    if before is griffe.ParameterKind.positional_only:
        yield "/"


def _parameter(parameter: griffe.Parameter) -> str:
    marker = _MARKERS.get(parameter.kind) if parameter.kind else None
    annotation = "" if parameter.annotation is None else f": {_text(parameter.annotation)}"
    if marker or parameter.default is None:
        return f"{marker or ''}{parameter.name}{annotation}"
    return f"{parameter.name}{annotation}{' = ' if annotation else '='}{_text(parameter.default)}"


def _attribute(attribute: griffe.Attribute) -> str:
    """Return type and value; omit the values of instance attributes and of special names such as ``__version__``."""
    annotation = "" if attribute.annotation is None else f": {_text(attribute.annotation)}"
    per_instance = "instance-attribute" in attribute.labels and "class-attribute" not in attribute.labels
    hidden = per_instance or attribute.name.startswith("__") or attribute.value is None
    return annotation if hidden else f"{annotation} = {_text(attribute.value)}"


def _marked(member: griffe.Object, *more: str) -> str:
    labels = [label for label in _LABELS if label in member.labels]
    return f" [{', '.join([*labels, *more])}]" if labels or more else ""


def _text(expression: str | griffe.Expr | None) -> str:
    return " ".join(str(expression).splitlines())


if __name__ == "__main__":
    run(main)
