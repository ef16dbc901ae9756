"""Proxy, certificates and environment of one client: for the API, signing in, and files."""

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from anyio.from_thread import BlockingPortal

from itwin_imodels import ClientCredentials, IModelsClient, RetryPolicy, TransferOptions
from itwin_imodels._core.cancellation import Cancellation
from itwin_imodels._core.network import Network
from itwin_imodels._transfer.wire import StorageRequest
from itwin_imodels._transfer.wires import Wires
from itwin_imodels.errors import ConfigurationError, ConnectionFailed
from tests.behaviour.helpers.driving import client_class
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import changeset_files
from tests.facade.proxies import forwarding
from tests.faults.helpers.certificates import Authority

NOBODY = "http://127.0.0.1:9"
ONCE = RetryPolicy.never()


def token_url(place: Place) -> str:
    """Return where the hub issues tokens."""
    parts = urlsplit(place.base_url)
    return f"{parts.scheme}://{parts.netloc}/connect/token"


def round_trip(client: Any, itwin_id: str, folder: Path) -> None:
    """Use the API, sign in, send a file and receive it."""
    imodel = client.create_imodel(itwin_id, new_name("Network"))
    (file,) = changeset_files(folder, 1)
    briefcase = client.briefcases.acquire(imodel.id).briefcase_id
    client.push_changeset(imodel.id, file, briefcase_id=briefcase, parent_id=None)
    (pulled,) = client.pull_changesets(imodel.id, folder / "pulled")
    assert pulled.path.read_bytes() == file.read_bytes()


@pytest.mark.thorough(keep=1)
def test_everything_goes_through_the_proxy(colour: str, portal: BlockingPortal, place: Place, tmp_path: Path) -> None:
    """The credentials of the proxy are sent and do not appear in texts."""
    auth = ClientCredentials("ada-application", "ada-secret", token_url=token_url(place))
    with forwarding() as proxy:
        url = proxy.url.replace("://", "://piers:pass-word@")
        with client_class(colour, portal)(auth, base_url=place.base_url, proxy=url) as client:
            round_trip(client, place.itwin_id, tmp_path)
            assert "pass-word" not in repr(client)
    seen = " ".join(proxy.requests)
    for part in ("POST http", "/connect/token", "/imodels/", "PUT http", "GET http", "/storage/"):
        assert part in seen
    assert proxy.credentials == {"Basic cGllcnM6cGFzcy13b3Jk"}


def test_the_environment_has_no_say(
    monkeypatch: pytest.MonkeyPatch, colour: str, portal: BlockingPortal, place: Place, tmp_path: Path
) -> None:
    """The environment is ignored if the client does not trust it; by default, it does."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, NOBODY)
    for name in ("NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    create = client_class(colour, portal)
    auth = ClientCredentials("ada-application", "ada-secret", token_url=token_url(place))
    with create(auth, base_url=place.base_url, trust_env=False) as client:
        round_trip(client, place.itwin_id, tmp_path)
    with create(place.auth, base_url=place.base_url, retry=ONCE) as client, pytest.raises(ConnectionFailed):
        client.imodels.list(place.itwin_id).all()


def test_credentials_of_their_own(place: Place) -> None:
    """Go before those of the client."""
    with forwarding() as proxy:
        url = token_url(place)
        ClientCredentials("ada-application", "ada-secret", token_url=url, proxy=proxy.url).get_token()
        assert proxy.requests == [f"POST {url}"]
        auth = ClientCredentials("ada-application", "ada-secret", token_url=url, proxy=proxy.url)
        with IModelsClient(auth, base_url=place.base_url, trust_env=False) as client:
            client.imodels.list(place.itwin_id).all()
        assert proxy.requests == [f"POST {url}"] * 2


def test_certificates(colour: str, portal: BlockingPortal, place: Place, tmp_path: Path) -> None:
    """Certificates of a file, a folder of openssl or a context are accepted, or any with verify=False."""
    authority = Authority.named("Authority")
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.certificate)
    parts = urlsplit(place.base_url)
    target = f"{parts.scheme}://{parts.netloc}"
    create = client_class(colour, portal)
    with forwarding(target, authority.server_context(tmp_path)) as entrance:
        base_url = f"{entrance.url}/imodels"
        for verify in (str(file), file, ssl.create_default_context(cafile=file), False):
            with create(place.auth, base_url=base_url, verify=verify) as client:
                client.imodels.list(place.itwin_id).all()
        with create(place.auth, base_url=base_url, retry=ONCE) as client, pytest.raises(ConnectionFailed):
            client.imodels.list(place.itwin_id).all()
        ClientCredentials(
            "ada-application", "ada-secret", token_url=f"{entrance.url}/connect/token", verify=file
        ).get_token()


def test_certificates_of_storage(place: Place, tmp_path: Path) -> None:
    """The rules are the same as for the API."""
    authority = Authority.named("Authority")
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.certificate)
    parts = urlsplit(place.base_url)
    with forwarding(f"{parts.scheme}://{parts.netloc}", authority.server_context(tmp_path)) as entrance:
        request = StorageRequest(method="GET", url=f"{entrance.url}/")

        def status(network: Network) -> int:
            wires = Wires(TransferOptions(), network)
            with wires.lend(Cancellation()) as wire, wire.send(request) as response:
                found = response.status
            wires.close()
            return found

        assert status(Network(verify=False)) == 200
        with pytest.raises(ConnectionFailed):
            status(Network())
        assert status(Network(verify=file)) == 200


@pytest.mark.parametrize("proxy", ["proxy", "ftp://a", "http://", "http://a:b:c", "http://user:pass-word@:1"])
def test_proxies_that_are_none(proxy: str) -> None:
    """Their texts, which may have a password, are not shown."""
    with pytest.raises(ValueError, match="proxy must be a URL") as caught:
        IModelsClient(proxy=proxy)
    assert "pass-word" not in str(caught.value)


def test_missing_certificates(tmp_path: Path) -> None:
    """The argument and the file are named."""
    missing = tmp_path / "missing.pem"
    with (
        IModelsClient("x", base_url=NOBODY, verify=missing) as client,
        pytest.raises(ConfigurationError, match=rf"verify: cannot read certificates from {missing}"),
    ):
        client.imodels.get("y")
    with pytest.raises(TypeError, match="verify must be"):
        IModelsClient(verify=1)  # type: ignore[arg-type] # the point
