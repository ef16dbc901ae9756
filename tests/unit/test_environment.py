"""The virtual environments of the project."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scripts import environment


def test_what_a_link_leads_to_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is shared by a link is not replaced by one of another lock file."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "made-from.txt").write_text("another lock file", encoding="utf-8")
    (tmp_path / ".venv").symlink_to(shared)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").touch()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    with pytest.raises(OSError, match=r"\.venv is a link"):
        environment.ensure("dev")
    assert [each.name for each in shared.iterdir()] == ["made-from.txt"]


def test_an_environment_is_created_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of a test run that need it at the same time do not delete each other's files."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "uv.txt").touch()
    made: list[Path] = []

    def create(folder: Path, **_: bool) -> None:
        made.append(folder)
        time.sleep(0.3)
        folder.mkdir(parents=True)

    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment.venv, "create", create)
    monkeypatch.setattr(environment, "install", lambda *_, **__: None)
    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(environment.ensure, ["uv"] * 3))
    assert made == [tmp_path / "build" / "uv-env"]
    assert len(found) == 1


def test_uv_has_the_network_settings_of_pip() -> None:
    """Mirror, proxy and private authority need not be configured twice."""
    options, variables = environment.uv_settings(
        {
            "index-url": "https://index.example/simple",
            "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
            "trusted-host": "index.example",
            "no-index": "true",
            "cert": "/certificates.pem",
            "default-timeout": "180",
            "disable-pip-version-check": "1",
        }
    )
    assert options == [
        "--default-index=https://index.example/simple",
        "--index=https://one.example/simple",
        "--index=https://two.example/simple",
        "--allow-insecure-host=index.example",
        "--no-index",
        "--index-strategy=unsafe-best-match",
    ]
    assert variables == {"SSL_CERT_FILE": "/certificates.pem", "UV_HTTP_TIMEOUT": "180"}
