"""The README's example runs and its commands exist."""

import re
import tomllib

from scripts.toolkit import ROOT
from tests.docs.pages import Page, output_of

README = Page("../README.md")


def test_the_example_runs() -> None:
    """The Python example prints what it promises."""
    (example,) = README.blocks("python")
    assert output_of(example.code, {}) == "Lock(briefcase_id=2, exclusive=1)\nSun City\n"


def test_the_commands_are_named() -> None:
    """The two that a fresh machine needs."""
    assert {"make demo\n", "make test\n"} <= {block.code for block in README.blocks("sh")}


def test_no_link_is_relative() -> None:
    """An index shows the text alone: what leads to a file of the project leads nowhere there."""
    links = re.findall(r"\]\(([^)\s]+)\)|<(?:a|img)\b[^>]*(?:href|src)=[\"']([^\"']+)", README.text)
    relative = [link for found in links for link in found if link and not re.match(r"https://|#", link)]
    assert not relative


def test_files_that_are_named_exist() -> None:
    """Each folder and each page."""
    named = re.findall(
        r"`((?:docs|examples|spec|generated|facade|hub|scripts|tests|benchmarks)/[\w./-]*|[A-Z]+\.md)`", README.text
    )
    assert named
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_the_extras_are_those_there_are() -> None:
    """The page has each extra once; `all` is all of them except `plot`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    table = README.text.partition("[start:extras]")[2].partition("[end:extras]")[0]
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)) == sorted(extras)
    whole = [name for each in extras["all"] for name in each.partition("[")[2].rstrip("]").split(",")]
    assert sorted(whole) == sorted(set(extras) - {"all", "plot"})


def test_its_pages_are_absolute_in_the_metadata() -> None:
    """The links of the project are complete."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    assert urls
    assert all(re.match(r"https://\S+$", url) for url in urls.values())
