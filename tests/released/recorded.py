"""The output of a hub and of commands for the recorded state, in a form that does not depend on port or machine."""

import ast
import json
import re
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import typer
from typer.testing import CliRunner

from itwin_imodels.cli.app import app
from itwin_imodels_hub import HubSettings

Json = dict[str, Any]

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
"""Time of the recording by the clock of the hub."""
ADA, GRACE = "token-of-ada", "token-of-grace"
WEBHOOK_SECRET = "secret-of-the-recorded-webhook-000"  # noqa: S105 - of tests
LOGIN = "http://127.0.0.1:8650 imodels-cli itwin-platform offline_access"
"""Key of the sign-in in the store of tokens."""

_OF_AN_IMODEL = (
    "",
    "/baselinefile",
    "/briefcases",
    "/changesetgroups",
    "/changesets",
    "/changesets/extendeddata",
    "/locks",
    "/namedversions",
    "/operations/create",
    "/permissions",
    "/shares",
    "/userpermissions",
    "/users",
)
_COMMANDS = (
    "imodel list",
    "imodel show Bridge",
    "baseline show Bridge",
    "briefcase list Bridge",
    "changeset list Bridge",
    "changeset latest Bridge",
    "changeset verify mirror",
    "changeset summary mirror --database tip.bim",
    "changeset elements mirror --database tip.bim",
    "changeset changes mirror --database tip.bim",
    "changeset history 0x20000000001 mirror --database tip.bim",
    "changeset verify pulled",
    "checkpoint show Bridge",
    "config list",
    "extended-data list Bridge",
    "favorite list",
    "fleet status fleet",
    "group list Bridge",
    "lock list Bridge",
    "lock released Bridge --after 0",
    "permission show Bridge",
    "recent list",
    "share list Bridge",
    "user list Bridge",
    "version list Bridge",
)
_VARYING = {"_links", "baseUrl", "base_url", "download", "sas", "sasToken", "seconds"}
"""Members that depend on the port, on the time, or on keys."""


def settings(**changes: Any) -> HubSettings:
    """Return the settings of the hub with some changes."""
    return HubSettings(job_delay=timedelta(0), local_webhooks=True, checkpoint_block_size=16 << 10).with_(**changes)


def of_the_hub(url: str, token: str, itwin_id: str) -> Json:
    """Return the responses of a hub to read requests, by path."""
    headers = {"Authorization": f"Bearer {token}", "Prefer": "return=representation"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:

        def get(path: str) -> Any:
            answer = client.get(path)
            return [answer.status_code, _plain(answer.json())]

        of_all = (
            "/itwins",
            "/webhooks",
            *(f"/imodels/{each}?iTwinId={itwin_id}" for each in ("", "favorites", "recents")),
        )
        found = {path: get(path) for path in of_all}
        imodels = {each["displayName"]: each["id"] for each in found[of_all[2]][1]["iModels"]}
        for imodel_id in sorted(imodels.values()):
            found |= {path: get(path) for path in (f"/imodels/{imodel_id}{each}" for each in _OF_AN_IMODEL)}
            for changeset in found[f"/imodels/{imodel_id}/changesets"][1]["changesets"]:
                path = f"/imodels/{imodel_id}/changesets/{changeset['id']}/checkpoint"
                found[path] = get(path)
    return found


def of_the_command(folder: Path, url: str, token: str, itwin_id: str) -> Json:
    """Return the JSON output of commands that only read, by command. The commands run in the recorded folder."""
    environment = {
        "IMODELS_BASE_URL": f"{url}/imodels",
        "IMODELS_TOKEN": token,
        "IMODELS_ITWIN_ID": itwin_id,
        "IMODELS_CONFIG": str(folder / "config.toml"),
    }
    found = {}
    for each in _COMMANDS:
        with chdir(folder):
            done = CliRunner(env=environment).invoke(app, [*each.split(), "--output", "json"])
        found[each] = [done.exit_code, _plain(json.loads(done.stdout)) if done.stdout else done.stderr]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in _VARYING}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def differences(now: Any, before: Any, place: str = "") -> list[str]:
    """Return the places where the output of a later version differs, except for members that it adds."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            line
            for name, value in before.items()
            for line in (
                differences(now[name], value, f"{place}/{name}") if name in now else [f"{place}/{name}: missing"]
            )
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [
            line
            for number, pair in enumerate(zip(now, before, strict=True))
            for line in differences(*pair, f"{place}/{number}")
        ]
    return [] if now == before else [f"{place}: {now!r}, not {before!r}"]


def interface(api: str) -> dict[str, list[str]]:
    """Return the public names with their parameters, from the snapshot of the API, and the commands with their options.

    Args:
        api: Content of `tests/contract/api.txt`.
    """
    found: dict[str, list[str]] = {}
    for line in api.splitlines()[1:]:
        name = re.split(r"[(: ]", line, maxsplit=1)[0]
        call = re.match(r"[\w.]+(\(.*\) -> )", line)
        known = found.setdefault(name, [])
        known += [] if call is None else [each for each in _parameters(call[1]) if each not in known]
    _note_command("imodels", typer.main.get_command(app), found)
    return found


def _note_command(name: str, command: Any, found: dict[str, list[str]]) -> None:  # typer hides the types of click
    found[name] = [option for each in command.params for option in (*each.opts, *each.secondary_opts)]
    context = command.context_class(command)
    for each in command.list_commands(context) if hasattr(command, "list_commands") else ():
        _note_command(f"{name} {each}", command.get_command(context, each), found)


def _parameters(signature: str) -> list[str]:
    parsed = ast.parse(f"def f{signature}None: ...").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    return [each.arg for each in (*parsed.args.posonlyargs, *parsed.args.args, *parsed.args.kwonlyargs)]
