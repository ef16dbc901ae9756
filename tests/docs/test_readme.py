"""The README's example runs and its commands exist."""

import contextlib
import io
import re

from scripts.toolkit import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs() -> None:
    """The Python example prints what it promises."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - our own text
    assert told.getvalue() == "Lock(briefcase_id=2, exclusive=1)\nSun City\n"


def test_the_commands_are_targets() -> None:
    """Each make command that the README names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert named <= targets
    assert {"demo", "test"} <= named


def test_the_links_lead_somewhere() -> None:
    """Every relative link of the README is a file of the project."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link
