"""Spans of OpenTelemetry, one for each call, and the timeouts of requests."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from anyio.from_thread import BlockingPortal
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from itwin_imodels import AsyncIModelsClient, IModelsClient, Timeout, errors
from itwin_imodels.testing import no_waiting
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.driving import client_class
from tests.contract.wire_goldens import CALLS, about_any_entity, example
from tests.facade.timelines import Timeline


@pytest.fixture(scope="session")
def exporter() -> InMemorySpanExporter:
    """Keeps all spans of this process."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    """Return the spans of one test."""
    exporter.clear()
    yield exporter
    exporter.clear()


def test_a_call_is_one_span(
    client: IModelsClient, control: HubControl, imodel_id: str, spans: InMemorySpanExporter
) -> None:
    """Retries do not add spans; the span names the operation and the entity."""
    control.answer(500, times=2)
    with no_waiting():
        client.imodels.get(imodel_id)
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind, span.status.status_code) == ("imodels.imodels.get", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes or {}) == {
        "imodels.operation": "imodels.get",
        "imodels.entity": f"iModel {imodel_id}",
    }


def parents(spans: InMemorySpanExporter) -> list[int | None]:
    """Return the parent of each span of a request for a list."""
    found = [each for each in spans.get_finished_spans() if each.name == "imodels.changesets.list"]
    return [each.parent and each.parent.span_id for each in found]


def test_pages_belong_to_whoever_lists(spans: InMemorySpanExporter) -> None:
    """A page that a thread fetches ahead belongs to the caller's span as well."""
    with (
        IModelsClient("x", transport=httpx.MockTransport(Timeline())) as client,
        trace.get_tracer("test").start_as_current_span("listing") as span,
    ):
        client.changesets.list("y", page_size=100, concurrency=2).all()
    assert parents(spans) == [span.get_span_context().span_id] * 6


def test_pages_belong_to_the_task_that_lists(spans: InMemorySpanExporter) -> None:
    """Requests of tasks belong to the span of the list."""

    async def listing() -> int:
        async with AsyncIModelsClient("x", transport=httpx.MockTransport(Timeline())) as client:
            with trace.get_tracer("test").start_as_current_span("listing") as span:
                await client.changesets.list("y", page_size=100, concurrency=2).all()
            return span.get_span_context().span_id

    assert [asyncio.run(listing())] * 6 == parents(spans)


def test_a_failed_call_is_a_failed_span(
    client: IModelsClient, control: HubControl, imodel_id: str, spans: InMemorySpanExporter
) -> None:
    """The span has the error, without secrets."""
    control.answer(409, {"error": {"code": "Odd", "message": "Bearer ada-token https://x.example/y?sig=abc"}})
    with pytest.raises(errors.Conflict):
        client.imodels.get(imodel_id)
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    told = span.to_json()
    assert "Odd (409)" in told
    assert "ada-token" not in told
    assert "sig=" not in told


def test_every_request_has_every_timeout(colour: str, portal: BlockingPortal) -> None:
    """Whatever is called: to connect, to read, to write, and for a free connection."""
    timeouts: list[dict[str, float | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        timeouts.append(request.extensions["timeout"])
        return example(request)

    with (
        client_class(colour, portal)(
            "x", timeout=Timeout(connect=1, read=2, write=3, pool=4), transport=httpx.MockTransport(answer)
        ) as client,
        about_any_entity(),
    ):
        for calls in CALLS.values():
            for call in calls.values():
                call(client)
    assert len(timeouts) > len(CALLS)
    assert all(each == {"connect": 1, "read": 2, "write": 3, "pool": 4} for each in timeouts)


def test_a_time_limit_is_there_by_default(open_client: OpenClient) -> None:
    """No request waits forever."""
    seen: list[dict[str, float | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return example(request)

    open_client("x", base_url=None, transport=httpx.MockTransport(answer)).favorites.remove("y")
    assert all(value is not None and 0 < value <= 60 for value in seen[0].values())


def test_without_opentelemetry_nothing_is_missing() -> None:
    """Calls work without the API of OpenTelemetry."""
    code = """
import sys
sys.modules["opentelemetry"] = None
import httpx
from itwin_imodels import IModelsClient
answer = httpx.Response(200, json={"permissions": ["imodels_read"]})
with IModelsClient("x", transport=httpx.MockTransport(lambda request: answer)) as client:
    print(client.permissions.get("y")[0].value)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout == "imodels_read\n"
