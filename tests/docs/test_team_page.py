"""The page about a hub for a team: systemd, nginx and the hub accept its files, and its backups can be restored."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient
from itwin_imodels_hub import LocalHub, read_config
from scripts.toolkit import ROOT
from tests.docs.pages import Page
from tests.parts import find_command, require_part
from tests.postgres import Cluster, common_folder, shared_cluster

PAGE = Page("team-hub.md")
FILES = ROOT / "examples" / "hub"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield a PostgreSQL."""
    require_part("postgresql")
    with shared_cluster(common_folder(tmp_path_factory)) as cluster:
        yield cluster


def test_the_configuration_is_one(tmp_path: Path) -> None:
    """A hub accepts it."""
    (block,) = PAGE.blocks("toml")
    file = tmp_path / "hub.toml"
    file.write_text(block.code, encoding="utf-8")
    config = read_config(file)
    assert config.settings.verify_changesets
    assert config.settings.link_lifetime == timedelta(hours=1)
    assert config.settings.allowed_hosts == ("imodels.example.com",)
    assert config.settings.trusted_proxies == ("127.0.0.1",)
    assert [user.name for user in config.users] == ["ci", "lin"]


def test_the_unit_starts_what_there_is() -> None:
    """The command has these options."""
    unit = (FILES / "imodels-hub.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=/opt/imodels-hub/bin/imodels (.*)$", unit, re.MULTILINE)
    known = set(re.findall(r"`(--[a-z-]+)`", Page("hub.md").text))
    assert set(re.findall(r"--[a-z-]+", command)) <= known


def test_the_unit_is_one(tmp_path: Path) -> None:
    """The check of systemd reports no problem except for the program, which is not installed here."""
    require_part("systemd")
    unit = tmp_path / "imodels-hub.service"
    text = (FILES / "imodels-hub.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/imodels-hub/bin/imodels", shutil.which("true") or ""), encoding="utf-8")
    done = subprocess.run(
        [str(find_command("systemd-analyze")), "verify", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxy_is_one(tmp_path: Path) -> None:
    """The server nginx accepts the file, with a certificate of the test."""
    require_part("nginx")
    certificate = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=imodels.example.com"]
    paths = {"-keyout": tmp_path / "key.pem", "-out": tmp_path / "certificate.pem"}
    made = [str(find_command("openssl")), "req", *certificate, *(str(part) for pair in paths.items() for part in pair)]
    subprocess.run(made, capture_output=True, check=True, timeout=240)
    text = (FILES / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/ssl/imodels.example.com.pem", str(paths["-out"]))
    text = text.replace("/etc/ssl/private/imodels.example.com.key", str(paths["-keyout"]))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off;\n{text}}}\n", encoding="utf-8")
    command = [str(find_command("nginx")), "-t", "-e", str(tmp_path / "log"), "-c", str(whole)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr


@pytest.mark.thorough
def test_a_copy_can_be_restored(cluster: Cluster, tmp_path: Path) -> None:
    """What the page copies from a hub that runs makes another that has everything, secret and files included."""
    folder, copies, dump = tmp_path / "hub", tmp_path / "copies", tmp_path / "hub.pgdump"
    copies.mkdir()
    first, second = cluster.make(), cluster.make()
    with (
        LocalHub(folder, database=cluster.address(first)) as hub,
        IModelsClient(base_url=hub.base_url, auth=hub.token()) as client,
    ):
        imodel = client.create_imodel(hub.itwin_id, "Bridge")
        on_server(cluster, "pg_dump", "--format", "custom", "--file", dump, first)
        shutil.copytree(folder / "blobs", copies / "blobs")
        shutil.copy2(folder / "key", copies / "key")
        before = client.download_checkpoint(imodel.id, tmp_path / "before.bim").path.read_bytes()
    on_server(cluster, "pg_restore", "--clean", "--if-exists", "--dbname", second, dump)
    with (
        LocalHub(copies, database=cluster.address(second)) as hub,
        IModelsClient(base_url=hub.base_url, auth=hub.token()) as client,
    ):
        assert client.imodels.get_by_name(hub.itwin_id, "Bridge").id == imodel.id
        for kind in ("v1", "v2"):
            after = client.download_checkpoint(imodel.id, tmp_path / f"{kind}.bim", kind=kind)
            assert after.path.read_bytes() == before
    assert (copies / "key").stat().st_mode & 0o777 == 0o600
    cluster.drop(first)
    cluster.drop(second)


def on_server(cluster: Cluster, program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL on a server."""
    place = ["--host", str(cluster.folder), "--username", "postgres"]
    subprocess.run([str(find_command(program)), *place, *map(str, arguments)], check=True, timeout=240)
