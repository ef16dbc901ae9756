"""The places where scenarios run: a hub in this process, a hub in a separate process, the live service.

`IMODELS_TEST_PLACES` selects from the first two (`in_process,served` by default). If both are selected, the synchronous
client runs on the first and the asynchronous one on the second; on a single one both run. The live service is used only
if the environment selects it:

| variable | meaning |
|---|---|
| `IMODELS_LIVE` | `1` also runs the scenarios on the live service |
| `IMODELS_LIVE_ITWIN_ID` | iTwin in which they create and delete their iModels |
| `IMODELS_TOKEN`, or `IMODELS_CLIENT_ID` and `IMODELS_CLIENT_SECRET` | credentials, read by `from_env()` |
| `IMODELS_BASE_URL`, `IMODELS_ENVIRONMENT` | the service, read by `from_env()` |
| `IMODELS_LIVE_OTHER_TOKEN` | token of a second user, for the scenarios that need one |
| `IMODELS_RECORD_DRIFT` | folder for recorded differences from the definition; `build/drift` by default |

Scenarios that control the hub are skipped there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path

import attrs

from itwin_imodels._connection.from_env import connection_from_env
from itwin_imodels.auth import AuthLike
from itwin_imodels_hub import HubSettings, LocalHub
from itwin_imodels_hub.identity import DEMO_USERS
from scripts.toolkit import ROOT
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.driving import COLOURS

LIVE = "live"
_HUBS = [*filter(None, os.environ.get("IMODELS_TEST_PLACES", "in_process,served").split(","))]
_LIVE = [LIVE] if os.environ.get("IMODELS_LIVE") == "1" else []
RUNS = (*(zip if len(_HUBS) == len(COLOURS) else product)(_HUBS, COLOURS), *product(_LIVE, COLOURS))
"""Pairs of a place and a color."""

_RECORD_DRIFT = Path(os.environ.pop("IMODELS_RECORD_DRIFT", "") or ROOT / "build" / "drift")
"""Taken out of the environment, so that clients of a hub do not record into the folder of the live service."""

_COMMAND = Path(sys.executable).with_name("imodels")
_IMODELS = (
    [str(_COMMAND)] if _COMMAND.exists() else [sys.executable, "-c", "from itwin_imodels.cli import main; main()"]
)
_SETTINGS = {"job_delay": 0, "briefcases_total": 8, "briefcases_per_minute": 6}
"""Limits that a scenario reaches with a few requests; times in seconds."""
_USERS = "".join(
    f'[[users]]\nname = "{each.name}"\ngiven_name = "{each.given_name}"\nsurname = "{each.surname}"\n'
    f'token = "{each.token}"\nsecret = "{each.secret}"\n'
    for each in DEMO_USERS
)


@attrs.frozen(kw_only=True)
class Place:
    """A service.

    Attributes:
        name: Its name.
        base_url: Base URL of its API.
        auth: Credentials of the user of the scenarios.
        other: Credentials of a second user, if there is one.
        itwin_id: The iTwin to work in.
        control: Control of the hub; None on the live service.
        record_drift: Folder in which clients record differences from the definition; None on hubs.
    """

    name: str
    base_url: str
    auth: AuthLike
    other: AuthLike | None
    itwin_id: str
    control: HubControl | None
    record_drift: Path | None = None


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Place]:
    """Open a place for the duration of the block."""
    opener = {"in_process": _in_process, "served": _served, LIVE: _live}[name]
    with opener(folder) as place:
        yield place


@contextmanager
def _in_process(_: Path) -> Iterator[Place]:
    settings = HubSettings().with_(**{**_SETTINGS, "job_delay": timedelta(seconds=_SETTINGS["job_delay"])})
    with (
        LocalHub(settings=settings, users=DEMO_USERS, control=True) as hub,
        HubControl(hub.url, hub.control_secret) as control,
    ):
        yield _hub("in_process", hub.base_url, hub.tokens, hub.itwin_id, control)


@contextmanager
def _served(folder: Path) -> Iterator[Place]:
    config = folder / "hub.toml"
    config.write_text("\n".join(["[settings]", *(f"{name} = {value}" for name, value in _SETTINGS.items()), _USERS]))
    options = ["--json", "--control", "--port", "0", "--data-dir", ":memory:", "--config", str(config)]
    process = subprocess.Popen([*_IMODELS, "hub", "serve", *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        announcement = json.loads(process.stdout.readline())
        with HubControl(announcement["base_url"].removesuffix("/imodels"), announcement["control_secret"]) as control:
            yield _hub("served", announcement["base_url"], announcement["tokens"], announcement["itwin_id"], control)
    finally:
        process.terminate()
        process.communicate(timeout=240)


def _hub(name: str, base_url: str, tokens: Mapping[str, str], itwin_id: str, control: HubControl) -> Place:
    return Place(
        name=name,
        base_url=base_url,
        auth=tokens["ada"],
        other=tokens["grace"],
        itwin_id=itwin_id,
        control=control,
    )


@contextmanager
def _live(_: Path) -> Iterator[Place]:
    found = connection_from_env()
    yield Place(
        name=LIVE,
        base_url=found.base_url,
        auth=found.auth,
        other=os.environ.get("IMODELS_LIVE_OTHER_TOKEN"),
        itwin_id=os.environ["IMODELS_LIVE_ITWIN_ID"],
        control=None,
        record_drift=_RECORD_DRIFT,
    )
