"""The names that the generator derives from words of a definition. A test compares them with the generator itself."""

import builtins
import keyword
import re

_DELIMITERS = r"\. _-"
_WORDS = re.compile(rf"[^{re.escape(_DELIMITERS)}]+")
_CAPITALIZED = re.compile("([A-Z]?[a-z]+)")


_RESERVED = frozenset({*dir(builtins), *keyword.kwlist, "datetime", "false", "self", "true"})


def is_module_name(name: str) -> bool:
    """Check whether the generator keeps the name of a module or a folder as it is."""
    return name.isidentifier() and name.isascii() and not name.startswith("_") and name not in _RESERVED


def snake_case(text: str) -> str:
    """Return the name of a module, a folder or an argument: ``get-imodel-locks`` → ``get_imodel_locks``."""
    return "_".join(_words(text)).lower()


def class_name(text: str) -> str:
    """Return the name of a class: ``iModel_links`` → ``IModelLinks``."""
    return "".join(word if word.isupper() else word.capitalize() for word in _words(text))


def model_module(title: str) -> str:
    """Return the module of the class for a schema, by the title of the schema or, without one, its name."""
    return snake_case(class_name(title))


def attribute_name(text: str) -> str:
    """Return the attribute of a property; names with and without a leading underscore remain distinct."""
    return f"field_{snake_case(text)}" if _sanitized(text).startswith("_") else snake_case(text)


def _sanitized(text: str) -> str:
    return "".join(each for each in text if each.isidentifier() or each.isdecimal() or each in _DELIMITERS)


def _words(text: str) -> list[str]:
    sanitized = _sanitized(text)
    if any(each.isupper() for each in sanitized):
        sanitized = " ".join(_CAPITALIZED.split(sanitized))
    return _WORDS.findall(sanitized)
