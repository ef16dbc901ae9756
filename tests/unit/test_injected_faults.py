"""The list of faults fits the project, and the tool notices a fault that no test catches."""

import re
from collections import Counter
from pathlib import Path

import pytest

from scripts.injected_faults import Fault, Trials, Verdict, chosen, read_faults
from scripts.toolkit import ROOT, ToolError

FAULTS = read_faults()


def test_there_are_faults_of_each_part() -> None:
    """The definition, the seam, the facade, files, the hub and the command line."""
    assert len(FAULTS) >= 30
    assert {fault.file.split("/")[0] for fault in FAULTS} >= {"spec", "scripts", "generated", "facade", "hub"}
    assert {"imodel_files", "cli"} <= {part for fault in FAULTS for part in fault.file.split("/")}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_can_be_injected(fault: Fault) -> None:
    """Its text occurs exactly once in its file, something else replaces it, and `make test` runs its test."""
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
    assert fault.new != fault.old
    assert fault.what == fault.what.strip() != ""
    path, *names = fault.caught_by.split("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert all(re.search(rf"^ *(?:class|def) {re.escape(name)}\b", text, re.MULTILINE) for name in names)
    assert not names or not re.search(rf"@pytest\.mark\.thorough\n( *@.*\n)* *def {re.escape(names[-1])}\b", text)


def test_no_two_faults_are_the_same() -> None:
    """Neither the descriptions nor the changes are the same."""
    for key in (lambda fault: fault.what, lambda fault: (fault.file, fault.old, fault.new)):
        assert [each for each, count in Counter(map(key, FAULTS)).items() if count > 1] == []


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a module and two tests, one of which checks nothing."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "facade").mkdir()
    (folder / "facade" / "answer.py").write_text("ANSWER = 42\n")
    (folder / "test_strict.py").write_text("from answer import ANSWER\n\ndef test_it():\n    assert ANSWER == 42\n")
    (folder / "test_lax.py").write_text("import answer\n\ndef test_it():\n    assert answer\n")
    return folder


@pytest.fixture(scope="module")
def trials(project: Path) -> Trials:
    """The trials of that project, in which each test runs once without a fault."""
    return Trials(project)


def fault(test: str, old: str = "42", new: str = "43") -> Fault:
    """A fault of that project."""
    return Fault(what="Wrong", file="facade/answer.py", old=old, new=new, caught_by=test)


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize(
    ("injected", "verdict"),
    [
        (fault("test_strict.py"), Verdict.CAUGHT),
        (fault("test_lax.py"), Verdict.NOT_CAUGHT),
        (fault("test_none.py"), Verdict.FAILS_ANYWAY),
        (fault("test_strict.py", new="("), Verdict.DOES_NOT_RUN),
        (fault("test_strict.py", old="4 2"), Verdict.TEXT_IS_NOT_UNIQUE),
    ],
)
def test_a_fault_gets_its_verdict(trials: Trials, project: Path, injected: Fault, verdict: Verdict) -> None:
    """Only a test that runs, and fails because of the fault, detects it; the file is restored."""
    assert trials.verdict(injected) is verdict
    assert (project / "facade" / "answer.py").read_text() == "ANSWER = 42\n"


def test_faults_are_chosen_by_words() -> None:
    """Words match the description, the file or the test, in either case."""
    assert chosen(FAULTS, []) == FAULTS
    assert {each.file.split("/")[0] for each in chosen(FAULTS, ["HUB/itwin"])} == {"hub"}
    with pytest.raises(ToolError, match="no fault contains nothing-like-it"):
        chosen(FAULTS, ["nothing-like-it"])


@pytest.mark.parametrize("text", ["[[fault]]\nwhat = 'x'\n", "fault = 1", "=", ""])
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """The message is one line with the name of the file."""
    (tmp_path / "faults.toml").write_text(text)
    with pytest.raises(ToolError, match=r"^faults\.toml: not a list of faults: "):
        read_faults(tmp_path / "faults.toml")
