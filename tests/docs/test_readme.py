"""The README's example runs and its commands exist."""

from tests.docs.pages import Page, told

README = Page("../README.md")


def test_the_example_runs() -> None:
    """The Python example prints what it promises."""
    (example,) = README.blocks("python")
    assert told(example.code, {}) == "Lock(briefcase_id=2, exclusive=1)\nSun City\n"


def test_the_commands_are_named() -> None:
    """The two that a fresh machine needs."""
    assert {"make demo\n", "make test\n"} <= {block.code for block in README.blocks("sh")}
