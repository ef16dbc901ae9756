"""The pages about authoring and locks tell the truth: their examples run and print what stands below them."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient
from scripts.toolkit import ROOT

UPLOADED = re.compile(r"(\d+) of \1 bytes\n1 [0-9a-f]{40}\n")


@pytest.mark.parametrize("page", ["authoring", "locks"])
def test_the_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block runs after those before it."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", text, re.DOTALL)
    assert len(blocks) == text.count("```python")
    names: dict[str, object] = {}
    try:
        for block, told in blocks:
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(block, f"{page}.md", "exec"), names)  # noqa: S102 - our own text
            assert output.getvalue() == told or (not told and UPLOADED.fullmatch(output.getvalue()))
    finally:
        for each in names.values():
            if isinstance(each, IModelsClient):
                each.close()


def test_the_verbs_exist() -> None:
    """Every verb in the table of the page about locks is one of the client."""
    text = (ROOT / "docs" / "locks.md").read_text(encoding="utf-8")
    verbs = re.findall(r"^\| `(\w+)\(", text, re.MULTILINE)
    assert len(verbs) == 4
    for verb in verbs:
        assert callable(getattr(IModelsClient, verb))


@pytest.mark.parametrize("page", ["authoring", "locks"])
def test_the_links_lead_somewhere(page: str) -> None:
    """To pages of this folder."""
    links = re.findall(r"\]\(([\w.]+)\)", (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"))
    for link in links:
        assert (ROOT / "docs" / link).exists(), link
