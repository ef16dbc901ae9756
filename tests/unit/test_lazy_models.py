"""The package of models imports a model's module when the model is first used."""

from pathlib import Path

import pytest

from scripts.lazy_models import make_lazy
from scripts.toolkit import ToolError


def test_two_models_in_one_module_are_named(tmp_path: Path) -> None:
    """One file replaced the other, so one of the names cannot be imported."""
    init = tmp_path / "__init__.py"
    init.write_text("from .link import Link\nfrom .changeset import CHANGESET\nfrom .changeset import Changeset\n")
    with pytest.raises(ToolError, match=r"models/changeset\.py: CHANGESET and Changeset become one module; give one"):
        make_lazy(init)


def test_without_models_the_file_stays(tmp_path: Path) -> None:
    """Nothing is imported lazily."""
    init = tmp_path / "__init__.py"
    init.write_text('"""Contains all the data models used in inputs/outputs"""\n')
    make_lazy(init)
    assert init.read_text() == '"""Contains all the data models used in inputs/outputs"""\n'
