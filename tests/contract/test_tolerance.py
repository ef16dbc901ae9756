"""The generated parsers accept any JSON object, and keep its content."""

import importlib
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itwin_imodels_api.client import Client
from scripts.specs.inventory import rows
from scripts.specs.walk import operations
from tests.alterations import places, replaced, without
from tests.definition import by_id, committed
from tests.depth import samples
from tests.examples import DEFINITION, Answer, answers

MODULES = {row.operation_id: row.module for row in rows()}
CLIENT = Client(base_url="http://127.0.0.1:1", raise_on_unexpected_status=True)
ODD = st.sampled_from(
    [None, "", "not what was said", "2026-13-45T99:99:99Z", 0, -1.5, True, [], ["x"], {}, {"a": None}]
)
WITH_JSON = {
    name: {
        int(status)
        for status, answer in operation.node["responses"].items()
        if status.isdecimal() and "content" in answer
    }
    for name, operation in by_id(committed()).items()
}
"""Of each operation: the statuses at which the definition has a body. Without it the parser has nothing to give."""

DOCUMENTED = [
    (operation.id, answer)
    for operation in operations(DEFINITION)
    for answer in answers(operation)
    if answer.media_type == "application/json" and answer.status in WITH_JSON[operation.id]
]


def parsed(operation_id: str, status: int, body: Any) -> Any:
    """Return the result of the generated parser for a JSON response of an operation."""
    module = importlib.import_module(f"itwin_imodels_api.{MODULES[operation_id]}")
    return module._parse_response(client=CLIENT, response=httpx.Response(status, json=body))


@pytest.mark.parametrize(
    ("operation_id", "answer"), DOCUMENTED, ids=[f"{each}-{answer.status}-{answer.name}" for each, answer in DOCUMENTED]
)
def test_every_documented_answer_is_parsed(operation_id: str, answer: Answer) -> None:
    """Successes and errors of the definition are parsed into separate classes."""
    assert parsed(operation_id, answer.status, answer.value) is not None


@settings(max_examples=samples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documented=st.sampled_from(DOCUMENTED), odd=ODD, data=st.data())
def test_an_odd_value_anywhere_is_let_through(documented: tuple[str, Answer], odd: Any, data: st.DataObject) -> None:
    """Null, another type, a broken time or a new word at any place never makes the parser raise."""
    operation_id, answer = documented
    place = data.draw(st.sampled_from(list(places(answer.value))))
    assert parsed(operation_id, answer.status, replaced(answer.value, place, odd)) is not None


@settings(max_examples=samples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documented=st.sampled_from(DOCUMENTED), data=st.data())
def test_a_value_left_out_is_let_through(documented: tuple[str, Answer], data: st.DataObject) -> None:
    """Leaving out any property or item never makes the parser raise."""
    operation_id, answer = documented
    place = data.draw(st.sampled_from(list(places(answer.value))))
    assert parsed(operation_id, answer.status, without(answer.value, place)) is not None
