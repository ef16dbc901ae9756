"""``spec/LOCK.toml``: the definition and the tool versions from which the committed client was generated."""

import tomllib
from pathlib import Path

import tomlkit

from scripts.specs.definition import DEFINITION, sha256
from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, shown

LOCK = ROOT / "spec" / "LOCK.toml"
OURS = "ours"


def read(path: Path = LOCK) -> dict[str, dict[str, str]]:
    """Return the tables of the lock, ``definition`` and ``tools``.

    Raises:
        ToolError: The lock is missing or not TOML.
    """
    try:
        return tomllib.loads(read_bytes(path, "the lock").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(path)}: not valid TOML: {error}") from error


def is_ours(path: Path = LOCK) -> bool:
    """Check whether the definition is maintained by hand in this project, not fetched."""
    return read(path).get("definition", {}).get("source") == OURS


def record_definition(digest: str, source: str | None, path: Path = LOCK) -> None:
    """Record the digest of a definition and its source; leave the rest of the lock unchanged.

    Args:
        digest: SHA-256 of the file.
        source: Where it was fetched from, without secrets; None keeps the recorded source.
        path: The lock.
    """
    lock = tomlkit.parse(read_bytes(path, "the lock").decode())
    lock["definition"]["sha256"] = digest
    if source is not None:
        lock["definition"]["source"] = source
    replace_file(path, tomlkit.dumps(lock).encode())


def record_tools(versions: dict[str, str], path: Path = LOCK) -> None:
    """Record the versions of the tools that the lock names; leave the rest of the lock unchanged."""
    lock = tomlkit.parse(read_bytes(path, "the lock").decode())
    tools = lock["tools"]
    for name in list(tools):
        tools[name] = versions[name]
    replace_file(path, tomlkit.dumps(lock).encode())


def check_definition(definition: Path = DEFINITION, path: Path = LOCK) -> None:
    """Compare the definition with the lock.

    Raises:
        ToolError: The definition was edited by hand or fetched without updating the lock.
    """
    locked = read(path).get("definition", {}).get("sha256")
    actual = sha256(read_bytes(definition, "the definition"))
    if actual != locked:
        raise ToolError(
            f"{shown(definition)}: sha256 is {actual}, but {shown(path)} (definition.sha256) contains {locked};"
            " replace the definition with 'make spec-fetch URL=<file or address>', which updates the lock"
        )


def check_tools(installed: dict[str, str], path: Path = LOCK) -> None:
    """Compare the installed versions of the tools that affect the output with the lock.

    Raises:
        ToolError: A version differs or is missing.
    """
    for name, version in read(path).get("tools", {}).items():
        if installed.get(name) != version:
            raise ToolError(
                f"{shown(path)}: tools.{name} is {version}, installed is {installed.get(name, 'nothing')};"
                " 'make clean setup' recreates the environments"
            )
