"""Avoid Typer's value conversions: they load pydantic, which takes a quarter of the time of most commands."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal, get_args, get_origin


def skip_needless_conversion(params: Iterable[Any]) -> None:
    """Make the parameters of a command convert only values that require it.

    Versions of Typer that do not use pydantic are left unchanged.
    """
    for param in params:
        descriptor = getattr(param, "type_descriptor", None)
        is_skipping = isinstance(param.process_value, partial)
        if descriptor is not None and descriptor.parameter_info.parser is None and not is_skipping:
            param.process_value = partial(_process, param, descriptor.annotation, param.process_value)


def _process(param: Any, annotation: object, convert: Any, ctx: Any, value: object) -> object:  # noqa: ANN401 - Typer's
    if value is None and not param.required:
        value = _nothing(param)
    elif not _is_converted(value, annotation, param.default):
        return convert(ctx, value)
    return value if param.callback is None else param.callback(ctx, param, value)


def _nothing(param: Any) -> tuple[()] | None:  # noqa: ANN401 - as above
    return () if param.multiple or param.nargs == -1 else None


def _is_converted(value: object, annotation: object, default: object) -> bool:
    if get_origin(annotation) is Literal:
        return value in get_args(annotation)
    if annotation is str:
        return type(value) is str
    return annotation in (int, float) and type(value) is annotation and value == default
