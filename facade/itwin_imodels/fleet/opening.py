"""Open the storage of a fleet's files: a folder, or object storage through fsspec."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs

from itwin_imodels.errors import ConfigurationError, FleetError
from itwin_imodels.fleet import layout
from itwin_imodels.fleet.folder import FolderTarget
from itwin_imodels.fleet.object_storage import ObjectTarget
from itwin_imodels.fleet.target import ChangedMeanwhileError, Target, reason_of


@attrs.frozen
class _Kind:
    """A supported kind of object storage.

    Attributes:
        extra: The extra that installs its packages.
        storage: The module and the name of the class that implements `object_storage.Storage`.
    """

    extra: str
    storage: tuple[str, str]


_AZURE: Final = _Kind("fleet-azure", ("itwin_imodels.fleet.azure", "AzureStorage"))
_GCS: Final = _Kind("fleet-gcs", ("itwin_imodels.fleet.gcs", "GcsStorage"))
_S3: Final = _Kind("fleet-s3", ("itwin_imodels.fleet.s3", "S3Storage"))
_KINDS: Final = {"abfs": _AZURE, "abfss": _AZURE, "az": _AZURE, "gcs": _GCS, "gs": _GCS, "s3": _S3, "s3a": _S3}
"""Kinds of object storage by the protocols of their URLs."""


def open_target(url: str) -> Target:
    """Open a target. Credentials come from the environment, never from the URL.

    Args:
        url: ``abfs://container@account.dfs.core.windows.net/folder``, ``s3://bucket/folder``, ``gs://bucket/folder``,
            ``file:///folder`` or the path of a folder.

    Raises:
        ConfigurationError: A package for this kind of storage is not installed.
        ValueError: The URL is invalid or contains credentials.
    """
    protocol, mark, rest = url.partition("://")
    if not mark or protocol == "file":
        return FolderTarget(Path(rest if mark else url))
    if ":" in (urlsplit(url).netloc.rpartition("@")[0]) or "?" in url:
        raise ValueError(
            "the target's URL contains a password or a query: set credentials in the environment of the driver and "
            "of the workers"
        )
    if protocol not in _KINDS:
        raise ValueError(f"{protocol}:// is not supported as a target: use abfs://, s3://, gs:// or file://")
    return _object_target(url, protocol, _KINDS[protocol])


def _object_target(url: str, protocol: str, kind: _Kind) -> Target:
    module, name = kind.storage
    try:
        storage = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{protocol}:// requires the extra '{kind.extra}': pip install 'itwin-imodels[{kind.extra}]'"
        ) from error
    return ObjectTarget(url, storage)


def check_target(target: Target, *, create: bool = False, must_exist: bool = True) -> None:
    """Check that a target can be used.

    Args:
        target: The target.
        create: Whether to create a fleet if there is none, and to check that the target can be written and rejects
            conflicting writes.
        must_exist: Whether the target must already contain a fleet, unless `create` is set.

    Raises:
        FleetError: The target cannot be reached or written, has a newer format, is not a fleet, or ignores conditional
            writes.
    """
    try:
        format_file = target.read(layout.FORMAT_FILE)
        if format_file is not None:
            layout.check_format(format_file.data, target.url)
        if create:
            content = layout.format_document() if format_file is None else format_file.data
            target.replace(layout.FORMAT_FILE, content, None if format_file is None else format_file.version)
            _check_conditions(target, content)
    except ChangedMeanwhileError:
        return check_target(target, create=create, must_exist=must_exist)
    except FleetError:
        raise
    except Exception as error:  # noqa: BLE001 - each storage has its own errors
        raise FleetError(
            f"target {target.url} cannot be {'written' if create else 'read'}: {reason_of(error)}. "
            "Check the address and the permissions."
        ) from None
    if format_file is None and must_exist and not create:
        raise FleetError(f"target {target.url} contains no fleet: {layout.FORMAT_FILE} is missing. Check the address.")
    return None


def _check_conditions(target: Target, content: bytes) -> None:
    """Check that the storage rejects conflicting writes, because some S3-compatible services ignore conditions."""
    for version in (None, target.stale_version):
        with suppress(ChangedMeanwhileError):
            target.replace(layout.FORMAT_FILE, content, version)
            raise FleetError(
                f"target {target.url} cannot be used: its storage does not support conditional writes, without which "
                "concurrent runs lose data. Choose another target."
            )
