"""Packages that import their names on first use, so that importing the package is cheap."""

import importlib
import sys
from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: Mapping[str, tuple[str, ...]], public: str = "") -> Callable[[str], object]:
    """Return the `__getattr__` of a package.

    Type checkers need the same imports under `TYPE_CHECKING`, and all names in `__all__`.

    Args:
        package: Name of the package that contains the modules.
        homes: The names to import from each module of the package; a module without names is itself imported by name.
        public: Name of the package that exposes the names, if it is not `package`.
    """
    shown = public or package
    modules = {name: module for module, names in homes.items() for name in names}

    def get(name: str) -> object:
        if name in homes:
            return importlib.import_module(f"{package}.{name}")
        if name not in modules:
            raise AttributeError(f"module {shown!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[shown], name, value)
        return value

    return get
