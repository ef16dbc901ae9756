"""The command line reference, from the help of all commands, and the operations that each command uses."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from typer.main import get_command

from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.command import Command
from scripts.toolkit import ROOT

_FACADE = ROOT / "facade" / "itwin_imodels"
_CLIENT = "client"
_OPERATIONS = re.compile(r"Service operations?: (.*?)(?:\n\n|\Z)", re.DOTALL)

Use = tuple[str, str]
"""A client member that code uses: a resource and its method, or an empty name and a workflow."""


def lines() -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Command line"
    yield ""
    yield "Made by `make docs` from the commands themselves; do not edit. [Command line](../cli.md) is the guide, and"
    yield "has the options that all commands share."
    for group, about in GROUPS.items():
        yield from ("", f"## imodels {group}", "", about)
        command = get_command(importlib.import_module(_module(group)).app)
        members: dict[str, Any] = getattr(command, "commands", {})
        for name, each in members.items():
            yield from ("", f"### imodels {group} {name}")
            yield from _command(f"imodels {group} {name}", each)
        if not members:
            yield from _command(f"imodels {group}", command)


def _command(words: str, command: Any) -> Iterator[str]:
    """Yield the section of a command: help, usage, arguments and options, example."""
    context = command.make_context(words, [], resilient_parsing=True)
    pieces = [piece.strip("{}") for piece in command.collect_usage_pieces(context)[1:]]
    yield from ("", *(line.strip() for line in (command.help or "").strip().splitlines()))
    yield from ("", "```text", " ".join([words, *pieces, "[OPTIONS]"]), "```")
    own = [each for each in command.params if not isinstance(command, Command) or each.name not in _common()]
    records = [record for each in own if (record := each.get_help_record(context)) is not None and each.name != "help"]
    if records:
        yield from ("", "| argument or option | what |", "|---|---|")
        yield from (f"| `{_cell(name)}` | {_cell(about)} |" for name, about in records)
    if isinstance(command, Command):
        yield from ("", "```sh", *command.example.splitlines(), "```")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


@cache
def _common() -> frozenset[str]:
    """Return the options that every command has."""
    module = importlib.import_module("itwin_imodels.cli.command")
    return frozenset(vars(module)["_COMMON"])


def _module(group: str) -> str:
    return f"itwin_imodels.cli.{group.replace('-', '_')}"


@cache
def by_operation() -> dict[str, tuple[list[str], list[str]]]:
    """Return which commands use which operations, found in the source of the commands.

    Returns:
        Per operation id, the commands that use its method directly, and those that use it within a workflow.
    """
    found: dict[str, tuple[list[str], list[str]]] = {}
    for command, uses in _uses_of_commands():
        direct = {each for use in uses if use[0] for each in operations_of(use)}
        within = {each for use in uses if not use[0] for each in operations_of(use)} - direct
        for place, ids in ((0, direct), (1, within)):
            for each in ids:
                found.setdefault(each, ([], []))[place].append(command)
    return found


def methods_by_operation() -> dict[str, list[str]]:
    """Return the methods of the facade, workflows included, whose docstrings name each operation."""
    uses = [("", name) for name in _workflows()]
    uses += [(resource, name) for resource, kind in _resources().items() for name in _methods(kind)]
    found: dict[str, list[str]] = {}
    for use in uses:
        for each in operations_of(use):
            found.setdefault(each, []).append(".".join(filter(None, use)))
    return found


@cache
def operations_of(use: Use) -> tuple[str, ...]:
    """Return the ids of the operations that the docstring of a facade method names."""
    resource, name = use
    function = (_methods(_resources()[resource]) if resource else _workflows()).get(name)
    document = ast.get_docstring(function) if function is not None else None
    named = _OPERATIONS.search(document or "")
    names = " ".join(named[1].rstrip(".").split()).split(", ") if named else []
    return tuple(name.lower().replace(" ", "-") for name in names)


def _uses_of_commands() -> Iterator[tuple[str, set[Use]]]:
    for group in GROUPS:
        path = _FACADE / "cli" / f"{_module(group).rpartition('.')[2]}.py"
        yield from ((f"{group} {name}".removesuffix(f" {group}"), uses) for name, uses in _uses_in(path))


def _uses_in(path: Path) -> Iterator[tuple[str, set[Use]]]:
    """Yield each command of a module and its uses, directly and through other functions of the module."""
    text = path.read_text(encoding="utf-8")
    if (marks := re.search(r"lambda client: client\.(\w+)", text)) is not None:  # its commands are in marks.py
        text = (path.parent / "marks.py").read_text(encoding="utf-8")
        text = text.replace("marks_of(run.client)", f"run.client.{marks[1]}")
    tree = ast.parse(text)
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for name, function in _verbs(tree, functions):
        yield name, _uses(function, functions)


def _verbs(tree: ast.Module, functions: dict[str, ast.FunctionDef]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the commands of a module: the functions that `app.verb(name)` decorates or is called with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from ((name, node) for each in node.decorator_list if (name := _named(each)) is not None)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and (name := _named(node.func)) is not None:
            yield name, functions[ast.unparse(node.args[0])]


def _named(call: ast.expr) -> str | None:
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "app.verb" and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value)
    return None


def _uses(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> set[Use]:
    found: set[Use] = set()
    waiting, seen = [function], {function}
    while waiting:
        now = waiting.pop()
        short = {
            ast.unparse(each.targets[0]): ast.unparse(each.value)
            for each in ast.walk(now)
            if isinstance(each, ast.Assign) and ast.unparse(each.value).startswith("run.client")
        }
        for each in ast.walk(now):
            if isinstance(each, ast.Attribute):
                begin, _, rest = ast.unparse(each).partition(".")
                found |= _asked(f"{short.get(begin, begin)}.{rest}".split("."))
            if isinstance(each, ast.Name) and (called := functions.get(each.id)) is not None and called not in seen:
                seen.add(called)
                waiting.append(called)
    return found


def _asked(words: list[str]) -> set[Use]:
    """Return the client member that an expression such as `run.client.locks.list` uses."""
    match words[words.index(_CLIENT) + 1 :] if _CLIENT in words else []:
        case [resource, name, *_] if resource in _resources():
            return {(resource, name)}
        case [name, *_] if name not in _resources():
            return {("", name)}
    return set()


@cache
def _resources() -> dict[str, str]:
    """Return the resources of a client and their classes."""
    return {
        node.name: ast.unparse(node.returns)
        for node in _members_of_client()
        if node.returns is not None and _is_decorated(node, "cached_property")
    }


@cache
def _methods(name: str) -> dict[str, ast.FunctionDef]:
    """Return the methods of a resource."""
    for path in (_FACADE / "_sync" / "resources").glob("*.py"):
        for node in _parsed(path).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    return {}


@cache
def _workflows() -> dict[str, ast.FunctionDef]:
    """Return the workflows of a client."""
    return {node.name: node for node in _members_of_client() if not _is_decorated(node, "cached_property")}


def _members_of_client() -> list[ast.FunctionDef]:
    nodes = _parsed(_FACADE / "_sync" / "client.py").body
    (client,) = (node for node in nodes if isinstance(node, ast.ClassDef) and node.name == "IModelsClient")
    return [node for node in client.body if isinstance(node, ast.FunctionDef)]


def _is_decorated(function: ast.FunctionDef, decorator: str) -> bool:
    return any(ast.unparse(each) == decorator for each in function.decorator_list)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
