"""iTwins by name and id, in every command that accepts one."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from itwin_imodels import IModelsClient
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import History
from tests.cli.helpers.command import Cli

NewITwin = Callable[[str], str]


@pytest.fixture
def new_itwin(place: Place) -> Iterator[NewITwin]:
    """Return a function that creates an iTwin and returns its id."""
    with httpx.Client(headers={"Authorization": f"Bearer {place.auth}"}, timeout=240) as http:

        def create(name: str) -> str:
            answer = http.post(f"{place.base_url.removesuffix('/imodels')}/itwins", json={"displayName": name})
            return str(answer.raise_for_status().json()["iTwin"]["id"])

        yield create


def test_itwins_are_listed_and_shown(quick: Cli, new_itwin: NewITwin) -> None:
    """A name or an id is accepted; `get` is `show`."""
    name = new_name("Sun City")
    itwin_id = new_itwin(name)
    (found,) = quick.json("itwin", "list", "--name", name)
    assert (found["id"], found["display_name"], found["sub_class"]) == (itwin_id, name, "Project")
    assert quick.json("itwin", "show", name) == quick.json("itwin", "get", itwin_id) == found
    assert [each["id"] for each in quick.json("itwin", "ls", "--search", name.upper())] == [itwin_id]
    head, row = quick.ok("itwin", "list", "--search", name).out.splitlines()
    assert head.split()[:2] == ["NAME", "ID"]
    assert row.startswith(name)
    assert "no iTwin is named 'Nowhere'" in quick.refused(3, "itwin", "show", "Nowhere")


def test_an_itwin_is_named_in_the_option_the_variable_and_the_profile(
    quick: Cli, new_itwin: NewITwin, client: IModelsClient
) -> None:
    """A name is accepted in the same places as an id."""
    name = new_name("Harbour")
    imodel = client.create_imodel(new_itwin(name), "Quay")
    shown = quick.json("imodel", "show", "Quay", "--itwin", name)
    assert shown["id"] == imodel.id
    assert quick.with_(IMODELS_ITWIN_ID=name).json("imodel", "list") == [shown]
    by_profile = quick.with_(IMODELS_ITWIN_ID=None)
    by_profile.ok("config", "set", "itwin_id", name)
    assert by_profile.json("imodel", "show", "Quay") == shown
    copy = quick.json("imodel", "clone", imodel.id, "--into", name, "--name", "Quay, second")
    assert copy["itwin_id"] == imodel.itwin_id
    assert "no iTwin is named" in quick.refused(3, "imodel", "list", "--itwin", new_name("Nowhere"))


def test_a_name_of_several_itwins_is_refused(quick: Cli, new_itwin: NewITwin) -> None:
    """The message has the ids to choose from."""
    name = new_name("Twice")
    ids = [new_itwin(name) for _ in range(2)]
    said = quick.refused(2, "imodel", "list", "--itwin", name)
    assert f"several iTwins are named '{name}'" in said
    assert all(each in said for each in ids)


def completed(cli: Cli, *words: str, **environment: str) -> list[str]:
    """What bash suggests for the last word."""
    typed = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    patient = {"_IMODELS_COMPLETE": "complete_bash", "IMODELS_COMPLETION_TIMEOUT": "240"}
    done = cli.with_(**patient, **typed, **environment).run()
    assert done.err == ""
    return done.out.splitlines() if done.out.strip() else []


def test_shells_complete_names_and_ids(cli: Cli, place: Place, history: History, new_itwin: NewITwin) -> None:
    """Names of the iTwin and of iTwins are suggested, and ids after the first characters of one."""
    assert completed(cli, "imodels", "imodel", "show", "Hist") == ["History"]
    assert completed(cli, "imodels", "changeset", "list", history.imodel_id[:8]) == [history.imodel_id]
    name = new_name("Sun City")
    itwin_id = new_itwin(name)
    begin = name[:3]
    assert name.replace(" ", "\\ ") in completed(cli, "imodels", "itwin", "show", begin)
    assert completed(cli, "imodels", "imodel", "list", "--itwin", itwin_id[:13]) == [itwin_id]
    assert completed(cli, "imodels", "--itwin", place.itwin_id, "imodel", "show", "Hist") == ["History"]
    assert completed(cli, "imodels", "--itwin", itwin_id, "imodel", "show", "Hist") == []


@pytest.mark.thorough
def test_completion_fails_in_silence(cli: Cli) -> None:
    """Without a service, without credentials, without an iTwin."""
    words = ("imodels", "imodel", "show", "Hist")
    assert completed(cli, *words, IMODELS_BASE_URL="http://127.0.0.1:9/imodels") == []
    assert completed(cli, *words, IMODELS_TOKEN="", IMODELS_CLIENT_ID="") == []
    assert completed(cli, *words, IMODELS_ITWIN_ID="") == []
    assert completed(cli, *words, IMODELS_BASE_URL="nonsense") == []


def suggested(cli: Cli, shell: str, incomplete: str) -> str:
    """What another shell than bash gets to suggest iTwins."""
    line = {"_TYPER_COMPLETE_ARGS": f"imodels itwin show {incomplete}", "_TYPER_COMPLETE_WORD_TO_COMPLETE": incomplete}
    fish = {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    patient = {"_IMODELS_COMPLETE": f"complete_{shell}", "IMODELS_COMPLETION_TIMEOUT": "240"}
    done = cli.with_(**line, **fish, **patient).run()
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize(
    "name", ["\\$(touch {made})", "\\`touch {made}`", 'a\\"; touch {made}; "', "'; touch {made}; '"]
)
def test_names_never_become_commands_of_the_shell(cli: Cli, new_itwin: NewITwin, tmp_path: Path, name: str) -> None:
    """The script for zsh evaluates the suggestions twice; quoting is the same in bash."""
    made = tmp_path / "made"
    itwin_id = new_itwin(name.format(made=made))
    evaluate = '_arguments() { local all="${1#*((}"; eval "all=( ${all%))} )"; }; eval "$1"'
    for incomplete in ("", itwin_id[:13]):
        subprocess.run(["bash", "-c", evaluate, "bash", suggested(cli, "zsh", incomplete)], check=True, timeout=240)  # noqa: S607
    assert not made.exists()


@pytest.mark.thorough
def test_names_with_markup_are_suggested(cli: Cli, new_itwin: NewITwin) -> None:
    """A name next to an id is shown literally."""
    itwin_id = new_itwin("[/b] of 100 %")
    for shell in ("zsh", "fish", "powershell"):
        assert itwin_id in suggested(cli, shell, itwin_id[:13])


@pytest.mark.thorough
def test_powershell_gets_names_that_it_can_insert(cli: Cli, new_itwin: NewITwin) -> None:
    """It inserts them unchanged."""
    name = new_name("Old")
    new_itwin(f"{name} $(id)")
    assert f"{name.replace(' ', '` ')}` `$`(id`):::" in suggested(cli, "powershell", "")


@pytest.mark.usefixtures("history")
def test_a_query_selects_from_json(quick: Cli) -> None:
    """From the whole document, or from each line; it implies JSON."""
    assert quick.ok("changeset", "list", "History", "--query", "[?index > `4`].index").json == [5, 6]
    assert quick.ok("imodel", "show", "History", "--query", "name").json == "History"
    lines = quick.ok("changeset", "list", "History", "--query", "index", "--output", "jsonl").out
    assert lines.splitlines() == ["1", "2", "3", "4", "5", "6"]
    assert quick.with_(IMODELS_OUTPUT="csv").ok("imodel", "show", "History", "--query", "name").json == "History"
    assert quick.ok("imodel", "show", "History", "--query", "nothing").json is None


def test_a_query_is_checked_before_the_command_acts(quick: Cli) -> None:
    """If the query is invalid, nothing is created."""
    name = new_name("Never")
    assert "invalid JMESPath expression '['" in quick.refused(2, "imodel", "create", name, "--query", "[")
    said = quick.refused(2, "imodel", "create", name, "--query", "name", "--output", "table")
    assert "--query selects from JSON" in said
    for query, reason in {
        "[": "it is incomplete",
        "a b": "unexpected 'b' at character 3",
        "a ~": "unexpected '~' at character 3",
        "": "it is empty",
        "foo(id)": "unknown function foo()",
        "[].{n: map(&nope(@), @)}": "unknown function nope()",
        "length()": "length() does not accept 0 arguments",
        "[" * 3000: "nested too deeply",
    }.items():
        said = quick.refused(2, "imodel", "create", name, "--query", query)
        assert said.startswith("imodels: invalid JMESPath expression")
        assert reason in said
        assert len(said) < 300
    assert quick.json("imodel", "list", "--name", name) == []
    said = quick.refused(2, "itwin", "list", "--query", "sort(@)")
    assert "sort() does not accept object" in said
    assert len(said) < 300
    assert "does not match the output" in quick.refused(2, "imodel", "list", "--query", "abs('a')")
    for query in ("[?name > `3`]", "[?contains(name, `1`)]"):
        said = quick.refused(2, "imodel", "list", "--query", query)
        assert "it compares values of different types, or searches a string for a value of another type" in said
    for query in ('to_number(`"1e400"`)', "[{a: `-1e400`}]", 'to_number(`"nan"`)', "ceil(`1e400`)", "&name"):
        said = quick.refused(2, "imodel", "list", "--query", query)
        assert "which JSON cannot represent" in said
