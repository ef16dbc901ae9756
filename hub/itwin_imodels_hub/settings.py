"""Settings of a hub: limits of the service it stands for, and what the service leaves open."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge

MEBIBYTE = 1 << 20

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")


def _account(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not _ACCOUNT.fullmatch(value):
        raise ValueError(f"{attribute.name}: {value!r} is not 3 to 63 lower-case letters, digits and hyphens")


@frozen(kw_only=True)
class HubSettings:
    """What can be set on a hub.

    Attributes:
        page_default: Items on a page when `$top` is not sent.
        page_maximum: Largest `$top`.
        briefcases_total: Briefcases that one user may hold of one iModel.
        briefcases_per_minute: Briefcases that one user may acquire of one iModel within a minute; those released
            meanwhile do not count.
        lock_chunk: Locks that one call of Release iModel Locks Chunk drops.
        lock_update_maximum: Object ids in one call of Update iModel Locks.
        recents: Recently used iModels kept per user.
        extended_data_bytes: Longest content of extended data, counted after decoding base64.
        thumbnail_bytes: Largest picture that is taken as thumbnail.
        body_maximum: Largest JSON body, bytes.
        body_timeout: How long a request body may take to arrive.
        job_delay: How long background work of the service is made to last.
        push_timeout: How long a push waiting for its file keeps others from pushing.
        changeset_group_timeout: Age at which an open changeset group counts as timed out.
        link_lifetime: How long upload and download links hold.
        token_lifetime: How long tokens of the token endpoint hold.
        share_maximum: Longest validity of a share.
        storage_type: Form of the storage links.
        storage_account: Name of the storage account in the links.
        data_center_location: Where the iTwins of this hub are said to be kept.
        verify_changesets: Whether confirming a changeset recomputes its id from the uploaded file.
        empty_imodel_file: Baseline of iModels that are created empty; None makes a small database.
        hidden_version_becomes_visible: Whether any update of a Named Version that does not send its state makes it
            visible, as one test of the vendor's client expects.
        index_step: Distance between the indexes of changesets.
        page: Whether the hub shows itself at `/`, to whoever reaches it.
        durable: Whether a commit waits for the disk. Without it the end of the process loses nothing, a power cut may.
    """

    page_default: int = field(default=100, validator=ge(1))
    page_maximum: int = field(default=1000, validator=ge(1))
    briefcases_total: int = 100
    briefcases_per_minute: int = 100
    lock_chunk: int = field(default=1000, validator=ge(1))
    lock_update_maximum: int = 1000
    recents: int = 25
    extended_data_bytes: int = 204_800
    thumbnail_bytes: int = 5 * MEBIBYTE
    body_maximum: int = 2 * MEBIBYTE
    body_timeout: timedelta = timedelta(seconds=30)
    job_delay: timedelta = timedelta(seconds=0.3)
    push_timeout: timedelta = timedelta(minutes=5)
    changeset_group_timeout: timedelta = timedelta(hours=24)
    link_lifetime: timedelta = timedelta(hours=1)
    token_lifetime: timedelta = timedelta(hours=1)
    share_maximum: timedelta = timedelta(days=183)
    storage_type: Literal["azure", "google"] = "azure"
    storage_account: str = field(default="hubstorage", validator=_account)
    data_center_location: str = "East US"
    verify_changesets: bool = False
    empty_imodel_file: Path | None = None
    hidden_version_becomes_visible: bool = False
    index_step: int = field(default=1, validator=ge(1))
    page: bool = True
    durable: bool = True

    def with_(self, **changes: object) -> Self:
        """The same settings but for some.

        Raises:
            TypeError: There is no such setting.
            ValueError: A value cannot be.
        """
        return evolve(self, **changes)  # type: ignore[arg-type] # attrs refuses a name, the caller's types count
