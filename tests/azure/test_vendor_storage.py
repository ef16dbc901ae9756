"""The vendor's own storage client moves files over the links of a hub with its files in an account.

What its iModels client does on such a hub is in tests/hub/test_vendor_client.py.
"""

import json
from pathlib import Path

import pytest

from tests.azurite import Azurite
from tests.hub.npm import run_node
from tests.workflows.helpers.bench import Bench
from tests.workflows.helpers.files import changeset_file


def _transfer(act: str, link: str, file: Path) -> dict[str, object]:
    done = run_node("transfer.cjs", "azure", act, link, str(file))
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    return result


@pytest.mark.thorough
@pytest.mark.parametrize("act", ["upload", "upload-in-parts"])
def test_a_push(bench: Bench, azurite: Azurite, tmp_path: Path, act: str) -> None:
    """This works in one request and in blocks."""
    file = changeset_file(tmp_path, size=3 << 20)
    created = bench.client.changesets.create(
        bench.imodel_id,
        changeset_id=file.stem,
        parent_id=None,
        briefcase_id=bench.briefcase_id,
        file_size=file.stat().st_size,
    )
    assert created.upload is not None
    assert _transfer(act, created.upload.href, file) == {"ok": True}
    assert (len(azurite.requests(file.name, "comp=block&")) > 1) is (act == "upload-in-parts")
    bench.client.changesets.confirm(bench.imodel_id, file.stem, briefcase_id=bench.briefcase_id)
    bench.assert_holds([file])
    link, target = bench.timeline[0].download, tmp_path / "down.cs"
    assert link is not None
    assert _transfer("download", link.href, target) == {"ok": True}
    assert target.read_bytes() == file.read_bytes()


def test_a_link_that_does_not_allow_it(bench: Bench, tmp_path: Path) -> None:
    """The error of the account has the form that the client expects."""
    link = bench.client.baseline_files.get(bench.imodel_id).download
    assert link is not None
    failed = _transfer("upload", link.href, changeset_file(tmp_path))
    assert (failed["ok"], failed["status"]) == (False, 403)
