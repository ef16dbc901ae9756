"""``spec/LOCK.toml``: which definition and which tools the committed client was made with."""

import tomllib
from pathlib import Path

import tomlkit

from scripts.specs.definition import DEFINITION, sha256
from scripts.toolkit import ROOT, ToolError, read_bytes, replace_file, shown

LOCK = ROOT / "spec" / "LOCK.toml"
OURS = "ours"


def read(path: Path = LOCK) -> dict[str, dict[str, str]]:
    """The lock's tables, ``definition`` and ``tools``.

    Raises:
        ToolError: It is missing or not TOML.
    """
    try:
        return tomllib.loads(read_bytes(path, "the lock").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ToolError(f"{shown(path)}: not valid TOML: {error}") from error


def is_ours(path: Path = LOCK) -> bool:
    """Check whether the definition is the one that this project keeps by hand, not a fetched one."""
    return read(path).get("definition", {}).get("source") == OURS


def record_definition(digest: str, source: str | None, path: Path = LOCK) -> None:
    """Write the digest of a definition and its source, keeping everything else of the lock.

    Args:
        digest: SHA-256 of the file.
        source: Where it was fetched from, without secrets; None keeps what the lock says.
        path: The lock.
    """
    lock = tomlkit.parse(read_bytes(path, "the lock").decode())
    lock["definition"]["sha256"] = digest
    if source is not None:
        lock["definition"]["source"] = source
    replace_file(path, tomlkit.dumps(lock).encode())


def record_tools(versions: dict[str, str], path: Path = LOCK) -> None:
    """Write the versions of the tools that the lock names, keeping everything else of it."""
    lock = tomlkit.parse(read_bytes(path, "the lock").decode())
    tools = lock["tools"]
    for name in list(tools):
        tools[name] = versions[name]
    replace_file(path, tomlkit.dumps(lock).encode())


def check_definition(definition: Path = DEFINITION, path: Path = LOCK) -> None:
    """Hold the definition against the lock.

    Raises:
        ToolError: It was edited by hand or fetched past the lock.
    """
    locked = read(path).get("definition", {}).get("sha256")
    actual = sha256(read_bytes(definition, "the definition"))
    if actual != locked:
        raise ToolError(
            f"{shown(definition)}: sha256 is {actual}, but {shown(path)} (definition.sha256) says {locked};"
            " replace the definition with 'make spec-fetch URL=<file or address>', which records it"
        )


def check_tools(installed: dict[str, str], path: Path = LOCK) -> None:
    """Hold the installed versions of the tools that shape the output against the lock.

    Raises:
        ToolError: One differs or is missing.
    """
    for name, version in read(path).get("tools", {}).items():
        if installed.get(name) != version:
            raise ToolError(
                f"{shown(path)}: tools.{name} is {version}, installed is {installed.get(name, 'nothing')};"
                " 'make clean setup' renews the environments"
            )
