"""Telemetry of the client: log messages and, if OpenTelemetry is installed, spans."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from itwin_imodels._version import __version__

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

LOGGER = logging.getLogger("itwin_imodels")


@contextmanager
def span(name: str, entity: str) -> Iterator[None]:
    """Run the block in a span, if OpenTelemetry is installed."""
    tracer = _tracer()
    if tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - an optional package

    with tracer.start_as_current_span(
        f"imodels.{name}", kind=SpanKind.CLIENT, attributes={"imodels.operation": name, "imodels.entity": entity}
    ):
        yield


@cache
def _tracer() -> "Tracer | None":
    try:
        from opentelemetry.trace import get_tracer  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError:
        return None
    return get_tracer("itwin_imodels", __version__)
