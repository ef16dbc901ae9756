"""Help, completion and the page about the command line: complete, and true."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from itwin_imodels import profiles
from itwin_imodels.cli import access, completion, ending, settings
from itwin_imodels.cli.app import GROUPS, app
from itwin_imodels.cli.command import Command
from itwin_imodels.cli.ending import ExitCode
from itwin_imodels.profiles import VARIABLES
from scripts.toolkit import ROOT
from tests.cli.helpers.command import Cli

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
ROOT_COMMAND: Any = get_command(app)


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command and its name on the command line."""
    context = ROOT_COMMAND.make_context("imodels", [], resilient_parsing=True)
    for name in ROOT_COMMAND.list_commands(context):
        found = ROOT_COMMAND.get_command(context, name)
        inner = getattr(found, "commands", None)
        if inner is None:
            yield name, found
        for verb, command in (inner or {}).items():
            yield f"{name} {verb}", command


COMMANDS = dict(commands())


def test_the_commands_are_there() -> None:
    """Those that operators look for."""
    wanted = """auth login|logout|status|token
        imodel list|show|create|update|delete|clone|fork|wait
        changeset list|show|push|pull|verify|apply|inspect|latest
        lock list|acquire|release|release-all|stale
        briefcase list|show|acquire|release
        version list|show|create|update
        checkpoint show|create|wait|download|update
        group list|create|close
        extended-data get|set
        user list|show
        permission show|set
        thumbnail get|set
        operation show
        hub serve|seed"""
    for line in wanted.splitlines():
        group, verbs = line.split()
        for verb in verbs.split("|"):
            assert f"{group} {verb}" in COMMANDS
    assert "mirror" in COMMANDS
    assert {"config", "favorite", "recent", "share"} <= {name.split()[0] for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_explained(name: str) -> None:
    """Each command and parameter has a description, with examples that run."""
    command = COMMANDS[name]
    assert isinstance(command, Command)
    assert command.help
    assert command.help.splitlines()[0].endswith(".")
    for param in command.params:
        assert getattr(param, "help", None), param.name
    assert command.example
    for line in command.example.splitlines():
        typed = re.search(r"imodels (?P<rest>.+?)(\)\"|$)", line)
        assert typed, line
        (*words,) = shlex.split(typed["rest"])
        depth = len(name.split())
        assert words[:depth] == name.split(), line
        context = command.make_context(name, words[depth:])
        context.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns(name: str) -> None:
    """No line of the help is wider; a long example continues on further lines that a shell reads as one."""
    command = COMMANDS[name]
    context = command.make_context(name, [], resilient_parsing=True, terminal_width=80, max_content_width=80)
    text = command.get_help(context)
    assert max(map(len, text.splitlines())) <= 80
    shown = re.sub(r" \\\n +", " ", text.partition("Example:\n")[2])
    assert [line.strip() for line in shown.splitlines()] == command.example.splitlines()
    assert not re.search(r"<(str|int|float|path|list)\b", text)
    for piece in command.collect_usage_pieces(context):
        assert re.fullmatch(r"[A-Z]+(\.\.\.)?|\[[A-Z]+\](\.\.\.)?|IMODEL CHANGESET \| FILE\.\.\.|\[OPTIONS\]", piece), (
            piece
        )


@pytest.mark.thorough
def test_each_group_says_the_same_everywhere() -> None:
    """The description is the same in the list of groups and in the help of the group."""
    context = ROOT_COMMAND.make_context("imodels", [], resilient_parsing=True)
    for name, about in GROUPS.items():
        found = ROOT_COMMAND.get_command(context, name)
        if name != "mirror":
            assert found.help == about
            assert found.commands


def test_help_imports_little() -> None:
    """Help imports neither HTTP, the generated client, the hub, tables nor models."""
    code = (
        "import sys; from itwin_imodels.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('httpx', 'itwin_imodels_api', 'itwin_imodels_hub', 'rich', 'attrs', 'matplotlib',"
        " 'itwin_imodels.models', 'itwin_imodels.auth', 'keyring') if name in sys.modules])"
    )
    for arguments, loaded in ((["--help"], "[]"), (["--version"], "[]"), (["lock", "list", "--help"], "['attrs']")):
        done = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)
        assert done.stdout.splitlines()[-1] == loaded


def test_completion(cli: Cli) -> None:
    """There is a script for each shell, and its requests get responses."""
    choosing = cli.with_(_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    for shell in ("bash", "zsh", "fish"):
        assert "_IMODELS_COMPLETE" in choosing.ok("--show-completion", shell).out
    words = cli.with_(_IMODELS_COMPLETE="complete_bash", COMP_WORDS="imodels lo", COMP_CWORD="1").run().out
    assert words.split() == ["lock"]
    verbs = cli.with_(_IMODELS_COMPLETE="complete_bash", COMP_WORDS="imodels lock re", COMP_CWORD="2").run().out
    assert verbs.split() == ["release", "release-all", "released"]
    cli.ok("config", "set", "output", "csv", "--profile", "night")
    line = "imodels lock list --profile n"
    assert cli.with_(_IMODELS_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD="4").run().out.split() == ["night"]


def test_without_the_extra() -> None:
    """The command names the extra to install."""
    code = "import sys; sys.modules['typer'] = None; from itwin_imodels.cli import main; main()"
    command = [sys.executable, "-c", code, "config", "list"]
    environment = {**os.environ, "HOME": "/nowhere"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert done.stderr == "imodels requires the extra 'cli': pip install 'itwin-imodels[cli]'\n"


def test_the_page_types_what_exists() -> None:
    """Commands and options in its blocks."""
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in re.findall(r"imodels ((?:[a-z]+[a-z-]* ?)+[^|)\n]*)", re.sub(r"(?m)#.*$|\\\n", "", block)):
            words = line.split()
            name = words[0] if words[0] == "mirror" else " ".join(words[:2])
            assert name in COMMANDS, line
            options = {option for param in COMMANDS[name].params for option in (*param.opts, *param.secondary_opts)}
            assert {word.split("=")[0] for word in words if word.startswith("--")} <= {*options, "--help"}, line


def test_the_page_lists_codes_and_variables() -> None:
    """Each table is what the program has."""
    codes = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert codes == [str(int(code)) for code in ExitCode]
    variables = set(re.findall(r"^\| `(IMODELS_[A-Z_]+)` \|", PAGE, re.MULTILINE))
    others = {
        profiles.CONFIG_VARIABLE,
        settings.PROFILE_VARIABLE,
        completion.TIMEOUT,
        ending.DEBUG,
        "IMODELS_RECORD_DRIFT",
        *access.SECRETS,
    }
    assert variables == {*VARIABLES.values(), *others}
