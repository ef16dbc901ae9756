"""The environment of the work on one iModel: its row, its telemetry, and the worker's connection."""

from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from itwin_imodels import ClientCredentials, TransferOptions
from itwin_imodels.errors import ConfigurationError, FleetError
from itwin_imodels.fleet import Budget, FleetRow, Outcome, connection, worker
from itwin_imodels.fleet.connection import open_client
from itwin_imodels.fleet.worker import Job, row_of

JOB = Job(imodel_id="11111111-2222-4333-8444-555555555555", itwin_id="t", name="Bridge", target="/nowhere")
PROFILES = """
[profiles.production]
base_url = "http://127.0.0.1:1/imodels"
client_id = "an-application"
[profiles.trial]
environment = "qa"
"""


def refuse(error: Exception) -> FleetRow:
    """Fail."""
    raise error


@pytest.mark.parametrize("kind", [FleetError, OSError, RuntimeError])
def test_a_failure_is_a_row_in_one_line_without_secrets(
    kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """This applies to any error; the log has the same line."""
    text = "lost\nhttps://account.blob.example/file?sig=secret Authorization: Bearer secret"
    row = row_of("mirror", JOB, lambda: refuse(kind(text)))
    assert (row.imodel_id, row.outcome) == (JOB.imodel_id, Outcome.FAILED)
    assert "lost https://account.blob.example/file?" in row.error
    assert "secret" not in row.error + caplog.text
    assert JOB.imodel_id in caplog.text


def test_a_failed_listing_names_the_itwin(caplog: pytest.LogCaptureFixture) -> None:
    """It has no iModel."""
    row_of("list", attrs.evolve(JOB, imodel_id="", itwin_id="t1"), lambda: refuse(FleetError("lost")))
    assert "iTwin t1: list failed: lost" in caplog.text


def test_metrics_count_what_was_done() -> None:
    """They count by operation and outcome; listing the iModels of an iTwin is not counted as an iModel."""
    reader = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider([reader]))
    listing = attrs.evolve(JOB, imodel_id="")
    row_of("list", listing, lambda: FleetRow(imodel_id="", itwin_id="t"))
    row = FleetRow(imodel_id=JOB.imodel_id, new_changesets=3, downloaded_bytes=70)
    assert attrs.evolve(row_of("mirror", JOB, lambda: row), seconds=0.0) == row
    data = reader.get_metrics_data()
    assert data is not None
    found = {
        (metric.name, (point.attributes or {})["imodels.operation"]): point.value
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.data.data_points
        if hasattr(point, "value") and (point.attributes or {})["imodels.outcome"] == "complete"
    }
    assert found == {
        ("imodels.fleet.imodels", "mirror"): 1,
        ("imodels.fleet.changesets", "mirror"): 3,
        ("imodels.fleet.downloaded", "mirror"): 70,
    }


def test_blocks_of_a_checkpoint_stay_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client downloads checkpoints, whose blocks are concurrent downloads like other files."""
    monkeypatch.setenv("IMODELS_TOKEN", "token")
    monkeypatch.setattr("itwin_imodels.fleet.budget.Semaphore", lambda *_, **__: None)
    monkeypatch.setattr("itwin_imodels.fleet.budget.Variable", lambda *_: None)
    opened: list[TransferOptions] = []
    create = worker.IModelsClient.__init__

    def record(*arguments: Any, transfer: TransferOptions | None = None, **options: Any) -> None:
        opened.append(transfer or TransferOptions())
        create(*arguments, transfer=transfer, **options)

    monkeypatch.setattr(worker.IModelsClient, "__init__", record)
    worker._service.__wrapped__("worker", None, Budget(downloads=3)).client.close()
    assert [(each.parallelism, each.block_parallelism) for each in opened] == [(3, 3)]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Create two profiles, and clear the environment."""
    (tmp_path / "config.toml").write_text(PROFILES)
    for name in ("BASE_URL", "ENVIRONMENT", "CLIENT_ID", "CLIENT_SECRET", "TOKEN", "SHARE_KEY"):
        monkeypatch.delenv(f"IMODELS_{name}", raising=False)
    monkeypatch.setenv("IMODELS_CONFIG", str(tmp_path / "config.toml"))


def base_url(profile: str | None) -> str:
    """Open a client, and return where it connects to."""
    with open_client(profile, httpx.MockTransport(lambda _: httpx.Response(500))) as client:
        return client.base_url


@pytest.mark.usefixtures("profiles")
def test_a_connection_is_a_profile_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variables take precedence; an environment among them replaces the URL of the profile."""
    monkeypatch.setenv("IMODELS_CLIENT_SECRET", "secret")
    assert base_url("production") == "http://127.0.0.1:1/imodels"
    monkeypatch.setenv("IMODELS_ENVIRONMENT", "dev")
    assert "dev" in base_url("production")
    monkeypatch.setenv("IMODELS_TOKEN", "token")
    assert "dev" in base_url("trial")
    monkeypatch.setenv("IMODELS_BASE_URL", "http://127.0.0.1:2/imodels")
    assert base_url(None) == "http://127.0.0.1:2/imodels"


@pytest.mark.usefixtures("profiles")
def test_white_space_around_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files with secrets often end with a line break."""
    monkeypatch.setenv("IMODELS_CLIENT_SECRET", "a-secret\n")
    credentials = connection._auth({"client_id": "service"})
    assert isinstance(credentials, ClientCredentials)
    assert credentials.client_secret == "a-secret"  # noqa: S105 - nobody's


@pytest.mark.usefixtures("profiles")
def test_a_connection_that_cannot_be_opened() -> None:
    """An unknown profile, and a worker without credentials."""
    with pytest.raises(ConfigurationError, match="connection 'staging': unknown profile"):
        base_url("staging")
    with pytest.raises(ConfigurationError, match="no credentials configured on the worker"):
        base_url("trial")
