"""Access checks of the control API: which requests it accepts and which files it may read.

The control API has full control of a hub, so each request must carry the secret of the hub. Web pages of other
origins are blocked even if they know the secret: a browser sends a request with an `Authorization` header only after a
preflight, which the control API always rejects. The checks of `Origin` and media type are a second barrier.
"""

import hmac
import secrets
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from itwin_imodels_hub.basis.origin import origin_of
from itwin_imodels_hub.control.seeds import SeedError, SeedIModel

_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new secret for the control API."""
    return secrets.token_urlsafe(_SECRET_BYTES)


@frozen(kw_only=True)
class ControlAccess:
    """Requirements and permissions of the control API.

    Attributes:
        secret: Bearer token that every request must carry.
        files: Folder below which seeds may read files; None permits no files.
    """

    secret: str = field(factory=new_secret, repr=False)
    files: Path | None = None

    def refusal(self, request: Request, media_type: str) -> Response | None:
        """Return the error response if the request is rejected, otherwise None.

        Args:
            request: The request.
            media_type: Media type that a body must have.
        """
        origin = request.headers.get("origin")
        if origin is not None and origin != origin_of(request):
            return _error(403, "requests from web pages of other origins are not permitted")
        if not self._is_authenticated(request.headers.get("authorization", "")):
            reason = (
                "send 'Authorization: Bearer {secret}' with the control secret that the hub printed at startup or wrote"
                " to credentials.json"
            )
            return _error(401, reason, {"WWW-Authenticate": 'Bearer realm="control"'})
        if _has_body(request) and _media_type(request) != media_type:
            return _error(415, f"the body must be sent with 'Content-Type: {media_type}'")
        return None

    def check_files(self, seed: SeedIModel) -> None:
        """Check that all files of a seed are below the configured folder, with symbolic links resolved.

        Raises:
            SeedError: A file is outside the folder, or no folder is configured.
        """
        for path in _paths(seed):
            if self.files is None:
                raise SeedError(
                    f"iModel {seed.name}: files are not permitted; start the hub with --control-files FOLDER"
                )
            if not path.resolve().is_relative_to(self.files.resolve()):
                raise SeedError(f"iModel {seed.name}: {path} is outside the folder of --control-files")

    def _is_authenticated(self, authorization: str) -> bool:
        scheme, _, credential = authorization.partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(credential.strip().encode(), self.secret.encode())


def _paths(seed: SeedIModel) -> Iterator[Path]:
    """Yield the files and folders of a seed, each folder before its content."""
    if seed.baseline is not None:
        yield seed.baseline
    yield from (changeset.file for changeset in seed.changesets)
    for checkpoint in seed.checkpoints:
        if checkpoint.file is not None:
            yield checkpoint.file
        if checkpoint.directory is not None:
            yield checkpoint.directory
            yield from checkpoint.directory.iterdir()


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": message}, status, headers)
