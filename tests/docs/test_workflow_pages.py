"""The pages about creating iModels and about checkpoints tell the truth: their examples run, what they name exists."""

import contextlib
import io
import re
from operator import attrgetter
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import BaselineFileState, IModelCreationState
from scripts.toolkit import ROOT

PAGES = ["imodels.md", "checkpoints.md"]
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def text_of(page: str) -> str:
    """A page."""
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block, run after those before it, prints what stands below it."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", text_of(page), re.DOTALL)
    assert len(blocks) == text_of(page).count("```python")
    for block, told in blocks:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(block, page, "exec"), names)  # noqa: S102 - our own text
        assert _ID.sub("…", output.getvalue()) == told


@pytest.mark.parametrize("page", PAGES)
def test_the_names_exist(page: str) -> None:
    """Calls on the client, whether examples make them or not, and errors."""
    with IModelsClient(base_url="http://127.0.0.1:9/imodels") as client:
        for call in re.findall(r"client\.([a-z_.]+)\(", text_of(page)):
            if not call.startswith("hub"):
                assert callable(attrgetter(call)(client)), call
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", text_of(page), re.MULTILINE)
    assert set(rows) <= set(errors.__all__)


def test_the_states_are_those_there_are() -> None:
    """Every state has a row."""
    rows = re.findall(r"^\| (`[^|]*) \| (create operation|baseline file) \|", text_of("imodels.md"), re.MULTILINE)
    for kind, states in (("create operation", IModelCreationState), ("baseline file", BaselineFileState)):
        named = {name for names, of in rows if of == kind for name in re.findall(r"`(\w+)`", names)}
        assert named == {state.value for state in states}


@pytest.mark.parametrize("page", PAGES)
def test_the_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page is a file of the project."""
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(page)):
        assert (ROOT / "docs" / link).exists(), link
