"""The log of the client: retries at INFO, requests at DEBUG, headers below, and no secrets."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from itwin_imodels import AsyncIModelsClient, ClientCredentials, IModelsClient
from itwin_imodels.testing import no_waiting
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import changeset_files

HEADERS = 5


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All loggers at INFO, as applications set them."""
    with caplog.at_level(logging.INFO):
        yield caplog


def test_nothing_at_info(place: Place, quiet: pytest.LogCaptureFixture) -> None:
    """No library logs requests of either client or of signing in."""

    async def other() -> None:
        async with AsyncIModelsClient(place.auth, base_url=place.base_url) as client:
            await client.imodels.list(place.itwin_id).all()

    asyncio.run(other())
    with IModelsClient(place.auth, base_url=place.base_url) as client:
        client.imodels.list(place.itwin_id).all()
    parts = urlsplit(place.base_url)
    token_url = f"{parts.scheme}://{parts.netloc}/connect/token"
    ClientCredentials("ada", "ada-secret", token_url=token_url)
    assert quiet.records == []
    httpx.get(place.base_url)
    assert [each.name for each in quiet.records] == ["httpx"]


def test_retries_at_info(place: Place, imodel_id: str, quiet: pytest.LogCaptureFixture) -> None:
    """The record has the seconds as a number, for programs."""
    assert place.control is not None
    place.control.answer(503, headers={"Retry-After": "7"}, times=1)
    with no_waiting(), IModelsClient(place.auth, base_url=place.base_url) as client:
        client.imodels.get(imodel_id)
    (record,) = (each for each in quiet.records if each.name == "itwin_imodels")  # the test sends requests, too
    assert "retrying in 7." in record.getMessage()
    assert 7 <= record.__dict__["retry_in"] < 8


def test_requests_and_headers(place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Requests to the API and the storage are logged without secrets."""
    (file,) = changeset_files(tmp_path, 1)
    with (
        caplog.at_level(HEADERS, "itwin_imodels"),
        IModelsClient(place.auth, base_url=place.base_url, headers={"X-Own-Key": "own-secret"}) as client,
    ):
        imodel_id = client.create_imodel(place.itwin_id, new_name("Logs")).id
        briefcase = client.briefcases.acquire(imodel_id)
        client.push_changeset(imodel_id, file, briefcase_id=briefcase.briefcase_id, parent_id=None)
    texts = [each.getMessage() for each in caplog.records]
    assert any(each.startswith("POST /imodels/") and ": 201 in " in each for each in texts)
    assert any(each.startswith("PUT http") and ": 201 in " in each for each in texts)
    assert any(each.startswith("request PUT http") and "x-ms-blob-type: BlockBlob" in each for each in texts)
    assert any(each.startswith("request POST /imodels") and "authorization: …" in each.lower() for each in texts)
    assert any(each.startswith("response 201: ") and "content-type: application/json" in each for each in texts)
    joined = "\n".join(texts)
    for secret in ("own-secret", "sig=", str(place.auth)):
        assert secret not in joined
