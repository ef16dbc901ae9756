"""The vendor's own TypeScript client, unchanged, in a browser: the steps of its browser suite, from another origin."""

import io
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser

from itwin_imodels_hub import HubSettings, LocalHub
from tests.browser import browser, window
from tests.hub.npm import SOURCE, node_packages
from tests.parts import require_part

__all__ = ["browser"]

DATA = {"someKey": "someValue"}
CLIENT = "@itwin/imodels-client-management/lib/esm"
ACT = """async ([baseUrl, scheme, token, iTwinId, iModelId, picture, act]) => {
  const {ContentType, IModelsClient} = await import("client");
  const authorization = async () => ({scheme, token});
  const client = new IModelsClient({api: {baseUrl}});
  const acts = {
    async network() {
      const nobody = new IModelsClient({api: {baseUrl: "http://127.0.0.1:9"}});
      try {
        await nobody.iModels.getSingle({authorization, iModelId: "foo"});
      } catch (error) {
        return {code: error.code, original: error.originalError.code};
      }
    },
    async extendedData() {
      const found = await client.changesetExtendedData.getSingle({authorization, iModelId, changesetIndex: 1});
      return {index: found.changesetIndex, data: found.data};
    },
    async extendedDataList() {
      let count = 0;
      for await (const each of client.changesetExtendedData.getList({authorization, iModelId})) count += 1;
      return count;
    },
    async download() {
      const found = await client.thumbnails.download({authorization, iModelId});
      return {size: found.size, type: found.imageType, magic: [...found.image.slice(1, 4)]};
    },
    async upload() {
      const properties = {iTwinId, name: `Thumbnail ${crypto.randomUUID()}`};
      const made = await client.iModels.createEmpty({authorization, iModelProperties: properties});
      const scope = {authorization, iModelId: made.id};
      const before = await client.thumbnails.download(scope);
      const image = Uint8Array.from(atob(picture), each => each.charCodeAt(0));
      await client.thumbnails.upload({...scope, thumbnailProperties: {imageType: ContentType.Png, image}});
      const after = await client.thumbnails.download(scope);
      await client.iModels.delete(scope);
      return before.image.length !== after.image.length;
    },
  };
  try {
    return {done: await acts[act]()};
  } catch (error) {
    return {failed: error.originalError?.code ?? String(error)};
  }
}"""
ACTS = {
    "network": {"code": "Unrecognized", "original": "ERR_NETWORK"},
    "extendedData": {"index": 1, "data": DATA},
    "extendedDataList": 1,
    "download": {"size": "small", "type": "image/png", "magic": [*b"PNG"]},
    "upload": True,
}


def html() -> str:
    """Return a page whose import map finds modules as a bundler does: without `.js`, and `index.js` of folders."""
    root = node_packages(SOURCE)
    found = {"axios": "/axios/dist/esm/axios.js", "client": f"/{CLIENT}/index.js"}
    for file in (root / CLIENT).rglob("*.js"):
        path = f"/{file.relative_to(root).as_posix()}"
        found[path.removesuffix("/index.js").removesuffix(".js")] = path
    imports = json.dumps({"imports": found})
    icon = "<link rel=icon href=data:,>"
    return f'<!doctype html><title>Viewer</title>{icon}<script type="importmap">{imports}</script>'


class _Packages(BaseHTTPRequestHandler):
    """A page, and the modules of the npm packages."""

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(200, "text/html", html().encode())
        else:
            file = node_packages(SOURCE) / self.path.removeprefix("/")
            self._send(200, "text/javascript", (file / "index.js" if file.is_dir() else file).read_bytes())

    def _send(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def viewer() -> Iterator[str]:
    """Yield the origin of a web application with the vendor's client."""
    require_part("node")
    node_packages(SOURCE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Packages)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(**settings: Any) -> Iterator[tuple[LocalHub, str]]:
    """Serve a hub with an iModel whose first changeset has extended data; yield the id of the iModel, too."""
    with LocalHub(seed="demo", settings=HubSettings(**settings)) as hub:
        headers = {"Authorization": f"Bearer {hub.token()}"}
        with httpx.Client(base_url=hub.base_url, headers=headers, timeout=240) as client:
            (imodel,) = client.get("/", params={"iTwinId": hub.itwin_id}).json()["iModels"]
            data = b64encode(json.dumps(DATA).encode()).decode()
            made = client.post(f"/{imodel['id']}/changesets/1/extendeddata", json={"data": data})
            assert made.status_code == 201, made.text
        yield hub, imodel["id"]


@pytest.fixture(scope="module")
def known(viewer: str) -> Iterator[tuple[LocalHub, str]]:
    """Serve a hub that the application may call."""
    with serving(allowed_origins=[viewer]) as served:
        yield served


@pytest.fixture(scope="module")
def strict() -> Iterator[tuple[LocalHub, str]]:
    """Serve a hub with the default settings."""
    with serving() as served:
        yield served


def perform(browser: Browser, viewer: str, served: tuple[LocalHub, str], act: str) -> dict[str, Any]:
    """Perform an act in a page of the application and return what it gave, or how it failed."""
    hub, imodel = served
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(picture, "png")
    values = [hub.base_url, "Bearer", hub.token(), hub.itwin_id, imodel, b64encode(picture.getvalue()).decode(), act]
    with window(browser, complains=True) as page:
        page.goto(viewer)
        return dict(page.evaluate(ACT, values))


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("act", ACTS)
def test_an_application_of_a_known_origin(browser: Browser, viewer: str, known: tuple[LocalHub, str], act: str) -> None:
    """All five pass."""
    assert perform(browser, viewer, known, act) == {"done": ACTS[act]}


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("act", ACTS)
def test_an_application_of_an_unknown_origin(
    browser: Browser, viewer: str, strict: tuple[LocalHub, str], act: str
) -> None:
    """By default, nothing of the hub can be read."""
    expected = {"done": ACTS[act]} if act == "network" else {"failed": "ERR_NETWORK"}
    assert perform(browser, viewer, strict, act) == expected
