"""Settings of a hub: limits of the service it stands for, and what the service leaves open."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge, in_, le

from itwin_imodels_hub.basis.redirects import can_be_registered

MEBIBYTE = 1 << 20

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")


def _account(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not _ACCOUNT.fullmatch(value):
        raise ValueError(f"{attribute.name}: {value!r} is not 3 to 63 lower-case letters, digits and hyphens")


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    """Read several texts; one alone would be taken for its letters."""
    if isinstance(given, str):
        raise TypeError(f"give a list, not {given!r}")
    return tuple(given)


def _public_clients(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for client_id in value:
        if not _CLIENT_ID.fullmatch(client_id):
            raise ValueError(f"{attribute.name}: {client_id!r} is not 1 to 255 visible ASCII characters")


def _redirect_uris(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for uri in value:
        if not can_be_registered(uri):
            raise ValueError(f"{attribute.name}: {uri!r} is no address that a browser can be sent to with a code")


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
        token_lifetime: How long access tokens of the token endpoint hold.
        refresh_token_lifetime: How long a refresh token holds; each refresh gives another one.
        code_lifetime: How long an authorization code can be exchanged for tokens.
        public_clients: Ids of further applications without a secret that users may sign in to, besides `imodels-cli`.
        redirect_uris: Addresses that browsers are sent back to after a sign-in, besides those of their own machine,
            character by character.
        share_maximum: Longest validity of a share.
        storage_type: Form of the links to files in the hub's own folder.
        storage_account: Name of the storage account in those links.
        data_center_location: Where the iTwins of this hub are said to be kept.
        verify_changesets: Whether confirming a changeset recomputes its id from the uploaded file.
        empty_imodel_file: Baseline of iModels that are created empty; None makes a small database.
        hidden_version_becomes_visible: Whether any update of a Named Version that does not send its state makes it
            visible, as one test of the vendor's client expects.
        checkpoint_forms: What is made of each checkpoint: one file to download (v1), blocks in a directory (v2), or
            both. The service has most in blocks only.
        checkpoint_block_size: Bytes of the blocks, 512 to 64 MiB; an iModel keeps what it began with.
        checkpoint_id_size: Bytes of the ids of blocks. Those of 24 carry the MD5 of the block: readers can check it,
            and blocks that are there already are found by it. Those of 16, which the service seems to have, are random.
        event_timeout: How long the receiver of an event may take to answer; longer counts as a failure.
        event_attempts: How often an event is sent at most.
        event_first_retry: How long after the first attempt that failed an event is sent again; each further wait is
            twice as long.
        event_longest_retry: Longest wait between attempts.
        event_retention: How long events that were delivered or given up can be looked at.
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
    refresh_token_lifetime: timedelta = timedelta(days=30)
    code_lifetime: timedelta = timedelta(minutes=1)
    public_clients: tuple[str, ...] = field(default=(), converter=_texts, validator=_public_clients)
    redirect_uris: tuple[str, ...] = field(default=(), converter=_texts, validator=_redirect_uris)
    share_maximum: timedelta = timedelta(days=183)
    storage_type: Literal["azure", "google"] = "azure"
    storage_account: str = field(default="hubstorage", validator=_account)
    data_center_location: str = "East US"
    verify_changesets: bool = False
    empty_imodel_file: Path | None = None
    hidden_version_becomes_visible: bool = False
    checkpoint_forms: Literal["v1", "v2", "both"] = field(default="both", validator=in_(("v1", "v2", "both")))
    checkpoint_block_size: int = field(default=4 * MEBIBYTE, validator=[ge(512), le(64 * MEBIBYTE)])
    checkpoint_id_size: Literal[16, 24] = field(default=24, validator=in_((16, 24)))
    event_timeout: timedelta = timedelta(seconds=5)
    event_attempts: int = field(default=16, validator=ge(1))
    event_first_retry: timedelta = timedelta(seconds=5)
    event_longest_retry: timedelta = timedelta(hours=1)
    event_retention: timedelta = timedelta(days=7)
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
