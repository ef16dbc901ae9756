"""The command line: a page of all commands from their own help, and which operations each uses, read from the source."""

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from itwin_imodels.cli.app import GROUPS
from scripts.toolkit import ROOT

_FACADE = ROOT / "facade" / "itwin_imodels"
_CLIENT = "client"

Use = tuple[str, str]
"""What code asks a client for: a resource with a method, or an empty name with a workflow."""


def lines() -> Iterator[str]:
    """The lines of the page."""
    yield "# Command line"
    yield ""
    yield "Made by `make docs` from the commands themselves; do not edit. [Command line](../cli.md) is the guide."
    for group, about in GROUPS.items():
        yield from ("", f"## imodels {group}", "", about)
        command = get_command(importlib.import_module(f"itwin_imodels.cli.{group.replace('-', '_')}").app)
        members: dict[str, Any] = getattr(command, "commands", None) or {"": command}
        for name, each in members.items():
            yield from _command(f"imodels {group} {name}".strip(), each, alone=not name)


def _command(words: str, command: Any, *, alone: bool) -> Iterator[str]:
    common = _common()
    parameters = [each for each in command.params if each.name not in common and not getattr(each, "hidden", False)]
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    usage = " ".join([words, *(each.make_metavar(command.make_context(words, [], resilient_parsing=True)) for each in arguments)])
    if not alone:
        yield from ("", f"### {words}")
    yield from ("", *re.sub(r"(?m)^ +", "", command.help or "").strip().splitlines())
    yield from ("", "```text", f"{usage} [OPTIONS]", "```")
    records = [record for each in parameters if (record := _record(command, each)) is not None]
    if records:
        yield from ("", "| argument or option | what |", "|---|---|")
        yield from (f"| `{_cell(name)}` | {_cell(about)} |" for name, about in records)
    if command.epilog:
        yield from ("", "```sh", *command.epilog.splitlines(), "```")


def _record(command: Any, parameter: Any) -> tuple[str, str] | None:
    record: tuple[str, str] | None = parameter.get_help_record(command.make_context("", [], resilient_parsing=True))
    return record


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


@cache
def _common() -> frozenset[str]:
    """The options that every command has, which the guide tells once."""
    return frozenset({*importlib.import_module("itwin_imodels.cli.command")._COMMON, "help"})  # noqa: SLF001 - no other place has them


def by_operation(methods: Iterable[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Find which commands use which methods of the facade.

    Args:
        methods: Methods, such as `locks.list`.

    Returns:
        For each method the commands that call it, and those that call a workflow that does.
    """
    wanted = set(methods)
    found: dict[str, tuple[list[str], list[str]]] = {}
    for command, uses in _uses_of_commands():
        direct = {f"{resource}.{name}" for resource, name in uses}
        within = {f"{resource}.{name}" for use in uses for resource, name in _reached(use)} - direct
        for place, names in ((0, direct), (1, within)):
            for method in names & wanted:
                found.setdefault(method, ([], []))[place].append(command)
    return found


def _uses_of_commands() -> Iterator[tuple[str, set[Use]]]:
    for group in GROUPS:
        tree = _parsed(_FACADE / "cli" / f"{group.replace('-', '_')}.py")
        functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and (name := _verb(node)) is not None:
                yield f"{group} {name}".strip(), _uses(node, functions, _asked_of_a_client)


def _verb(function: ast.FunctionDef) -> str | None:
    """The name of the command that a function is."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in {"app.verb", "app.command"}:
            first = decorator.args[0] if decorator.args else None
            name = first.value if isinstance(first, ast.Constant) else function.name
            return "" if name == function.name == "mirror" else str(name)
    return None


def _uses(node: ast.AST, functions: dict[str, ast.FunctionDef], asked: Callable[[str], Use | None]) -> set[Use]:
    """What a function asks for, by itself and through functions of the same module."""
    found: set[Use] = set()
    waiting, seen = [node], {node}
    while waiting:
        for each in ast.walk(waiting.pop()):
            if isinstance(each, ast.Attribute) and (use := asked(ast.unparse(each))) is not None:
                found.add(use)
            if isinstance(each, ast.Name) and (called := functions.get(each.id)) is not None and called not in seen:
                seen.add(called)
                waiting.append(called)
    return found


def _asked_of_a_client(text: str) -> Use | None:
    words = text.split(".")
    if _CLIENT not in words[:-1] or not all(word.isidentifier() for word in words):
        return None
    asked = words[words.index(_CLIENT) + 1 :]
    resources = _classes()
    if asked[0] in resources:
        return (asked[0], asked[1]) if len(asked) > 1 else None
    return ("", asked[0])


@cache
def _reached(use: Use) -> frozenset[Use]:
    """The methods of resources that a use comes to in the end, itself included where it is one."""
    found, waiting = {use}, [use]
    while waiting:
        resource, name = waiting.pop()
        scope = _methods(_classes()[resource]) if resource else _workflows()
        for further in _asked_within(scope.get(name), resource, scope) - found:
            found.add(further)
            waiting.append(further)
    return frozenset(each for each in found if each[0])


def _asked_within(function: ast.FunctionDef | None, resource: str, scope: dict[str, ast.FunctionDef]) -> set[Use]:
    """What a method asks for: of the resources of its client, or of itself."""
    found: set[Use] = set()
    for each in ast.walk(function) if function else ():
        match ast.unparse(each).split(".") if isinstance(each, ast.Attribute) else []:
            case [_, *_, owner, name] if owner in _classes():
                found.add((owner, name))
            case ["self", name] if name in scope:
                found.add((resource, name))
    return found


@cache
def _classes() -> dict[str, str]:
    """The resources of a client and their classes."""
    (parts,) = (node for node in _parsed(_FACADE / "_sync" / "_parts.py").body if isinstance(node, ast.ClassDef))
    members = [node for node in parts.body if isinstance(node, ast.FunctionDef) and node.returns is not None]
    return {node.name: ast.unparse(node.returns) for node in members if node.returns is not None}


@cache
def _methods(name: str) -> dict[str, ast.FunctionDef]:
    for path in (_FACADE / "_sync").glob("[a-z]*.py"):
        for node in _parsed(path).body:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    return {}


@cache
def _workflows() -> dict[str, ast.FunctionDef]:
    """The methods that a client inherits."""
    paths = [path for path in sorted((_FACADE / "_sync").glob("_*.py")) if path.name != "_parts.py"]
    nodes = [node for path in paths for node in ast.walk(_parsed(path))]
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


@cache
def _parsed(path: Any) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
