"""Commands load only the modules that they need."""

import subprocess
import sys

import pytest

from tests.cli.helpers.command import SECONDS, Cli

pytestmark = pytest.mark.usefixtures("history")


def test_a_list_for_a_pipe_loads_little(cli: Cli) -> None:
    """No module for converting values, drawing on terminals, retrying requests or reading changesets is loaded."""
    loaded = modules(cli, "changeset", "list", "History")
    assert "itwin_imodels.cli.changeset" in loaded
    assert not loaded & {"pydantic", "itwin_imodels.cli.tables", "tenacity", "imodel_files._session"}


def test_common_options_load_no_more(cli: Cli) -> None:
    """Texts and names of formats need no conversion."""
    loaded = modules(cli, "changeset", "list", "History", "--output", "json", "--query", "[].index", "--quiet")
    assert "pydantic" not in loaded


def test_values_are_still_checked(quick: Cli) -> None:
    """Numbers in their bounds, formats by their names."""
    for arguments in (("--limit", "-1"), ("--limit", "x"), ("--output", "xml"), ("--concurrency", "17")):
        said = quick.refused(2, "changeset", "list", "History", *arguments)
        assert f"Invalid value for '{arguments[0]}'" in said.replace("'-o' / ", "")
    assert "Missing argument 'IMODEL'" in quick.refused(2, "changeset", "list")


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("arguments", [("changeset", "list"), ("version", "list"), ("briefcase", "list")])
def test_tables_in_pipes_are_those_of_wide_terminals(cli: Cli, arguments: tuple[str, ...]) -> None:
    """They are drawn in another way."""
    command = (*arguments, "History")
    assert cli.ok(*command).out == cli.with_(COLUMNS="5000").ok(*command).out


def modules(cli: Cli, *arguments: str) -> set[str]:
    """Names of the modules that a command loads."""
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from itwin_imodels.cli import main; main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=cli.environment, timeout=SECONDS)
    return set(done.stderr.splitlines()[-1].split())
