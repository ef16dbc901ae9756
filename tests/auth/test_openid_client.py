"""The hub's OpenID provider with a certified client, which verifies everything."""

import json
import os
import shutil
import subprocess
from contextlib import closing

import pytest

from itwin_imodels_hub import LocalHub
from tests.auth.helpers.provider import SOURCE
from tests.hub.helpers.visitor import Visitor
from tests.hub.npm import node_packages
from tests.parts import require_part


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("client", [("imodels-cli",), ("grace-application", "grace-secret")], ids=["public", "secret"])
def test_a_certified_client_signs_somebody_in(hub: LocalHub, client: tuple[str, ...]) -> None:
    """Discovery, PKCE, the signature and claims of the ID token, userinfo, refresh and revocation."""
    require_part("node")
    command = [shutil.which("node") or "node", str(SOURCE / "relying_party.mjs"), hub.url, *client]
    environment = {**os.environ, "NODE_PATH": str(node_packages(SOURCE))}
    with (
        closing(Visitor(hub.url)) as visitor,
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        page = visitor.http.get(process.stdout.readline().strip())
        answer = visitor.press(page, "Ada").headers["location"]
        text, failed = process.communicate(f"{answer}\n", timeout=240)
    assert process.returncode == 0, failed
    assert json.loads(text) == {
        "name": "Ada Lindqvist",
        "same": True,
        "scope": "openid profile email itwin-platform offline_access",
        "refused": "invalid_grant",
    }
