"""Settings of a hub: the limits of the real service, and behavior that its documentation leaves open."""

import re
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge, gt, in_, le

from itwin_imodels_hub.basis.hosts import host_of
from itwin_imodels_hub.basis.redirects import can_be_registered

MEBIBYTE = 1 << 20

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")


def _account(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not _ACCOUNT.fullmatch(value):
        raise ValueError(f"{attribute.name}: {value!r} must be 3 to 63 lower-case letters, digits and hyphens")


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    """Convert an iterable of strings to a tuple; reject a single string, which would be split into characters."""
    if isinstance(values, str):
        raise TypeError(f"expected a list, got {values!r}")
    return tuple(values)


def _public_clients(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for client_id in value:
        if not _CLIENT_ID.fullmatch(client_id):
            raise ValueError(f"{attribute.name}: {client_id!r} must be 1 to 255 visible ASCII characters")


def _redirect_uris(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for uri in value:
        if not can_be_registered(uri):
            raise ValueError(f"{attribute.name}: {uri!r} is not a valid redirect URI")


def _hosts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(each.lower() for each in _texts(values))


def _known_hosts(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for host in value:
        if host_of(f"[{host}]" if ":" in host else host) != host:
            raise ValueError(f"{attribute.name}: {host!r} must be a host name or IP address without a port")


def _origins(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for origin in value:
        scheme, _, authority = origin.partition("://")
        if scheme not in {"http", "https"} or host_of(authority) is None or authority != authority.lower():
            raise ValueError(f"{attribute.name}: {origin!r} must be an origin such as https://viewer.example.com")


def _networks(_: object, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for network in value:
        try:
            ip_network(network, strict=False)
        except ValueError as error:
            raise ValueError(f"{attribute.name}: {network!r} is not a valid IP address or network") from error


@frozen(kw_only=True)
class HubSettings:
    """Settings of a hub.

    Attributes:
        page_default: Items per page if `$top` is omitted, at most `page_maximum`.
        page_maximum: Largest accepted `$top`.
        briefcases_total: Briefcases of one iModel that a user may hold.
        briefcases_per_minute: Briefcases of one iModel that a user may acquire within a minute.
        released_briefcases_count: Whether briefcases that were acquired within the minute and have already been
            released count toward `briefcases_per_minute`.
        tier: Tier of the subscription of all applications, which limits how many iModels an application may create
            (5 per minute in the trial tier, 50 in the others), and clone or fork (5 per minute in the trial tier, 20 in
            the others); None sets no such limits.
        creations_per_minute: iModels that an application may create within a minute; None means the limit of the tier.
        copies_per_minute: iModels that an application may clone within a minute; the same limit applies separately to
            forks. None means the limit of the tier.
        lock_chunk: Locks released by one call of Release iModel Locks Chunk.
        lock_update_maximum: Object ids in one call of Update iModel Locks.
        recents: Recently used iModels kept per user.
        extended_data_bytes: Maximum size of extended data, in bytes of the base64 string.
        thumbnail_bytes: Maximum size of a thumbnail, in bytes.
        body_maximum: Maximum size of a JSON body, in bytes.
        body_timeout: Time limit for receiving a request body; it does not apply to uploads to the storage.
        header_timeout: Time within which the head of a request must arrive; otherwise the connection is closed.
        idle_timeout: Time after which a connection without progress in a request or response body is closed.
        job_delay: Simulated duration of background work of the service.
        push_timeout: Time for which a push that is waiting for its file blocks pushes of other briefcases.
        changeset_group_timeout: Age at which an open changeset group times out.
        link_lifetime: Lifetime of upload and download links.
        token_lifetime: Lifetime of access tokens of the token endpoint.
        refresh_token_lifetime: Lifetime of a refresh token; each refresh issues a new one.
        code_lifetime: Time within which an authorization code can be exchanged for tokens.
        public_clients: Ids of public clients (applications without a secret) that users may sign in to, in addition to
            `imodels-cli`.
        sign_in_by_choice: Whether people sign in by choosing a user; otherwise they must enter a token of the user.
            None permits the choice only in requests from this machine, and only if `allowed_hosts` and
            `trusted_proxies` are empty.
        redirect_uris: Permitted redirect URIs of sign-ins, in addition to loopback addresses; compared character by
            character.
        share_maximum: Maximum validity of a share.
        storage_type: Format of links to files in the data folder of the hub.
        storage_account: Name of the storage account in those links.
        data_center_location: Data center location of new iTwins that do not specify one.
        verify_changesets: Whether confirming a changeset recomputes its id from the uploaded file.
        empty_imodel_file: Baseline of iModels that are created empty; None uses a small database.
        hidden_version_becomes_visible: Whether an update of a Named Version that omits its state makes it visible, as
            one test of the vendor's client expects.
        checkpoint_forms: Formats of each checkpoint: one file to download (v1), blocks in a directory (v2), or both.
            The real service stores most checkpoints as blocks only.
        checkpoint_block_size: Block size in bytes, from 512 bytes to 64 MiB; an existing iModel keeps its block size.
        checkpoint_id_size: Size of block ids in bytes. Ids of 24 bytes contain the MD5 of the block, so that readers
            can verify blocks and existing blocks are reused. Ids of 16 bytes are random, as those of the real service
            appear to be.
        forks_need_federation_guids: Whether a fork fails if an element of the main iModel has no FederationGuid.
        clone_completion_delay: Time between the initialization of a clone and the success of its creation.
        local_webhooks: Whether webhooks of users may have loopback and link-local targets, which webhooks of the
            operator always may have.
        event_timeout: Time within which the receiver of an event must respond; otherwise the attempt fails.
        event_attempts: Maximum number of attempts to deliver an event.
        event_first_retry: Delay after the first failed attempt, doubled after each further one. Each actual delay is
            a random 50 to 100% of this value.
        event_longest_retry: Longest delay between attempts.
        event_retention: Time for which delivered and abandoned events remain visible.
        index_step: Difference between the indexes of consecutive changesets.
        allowed_hosts: Host names and IP addresses by which clients may call the hub, in addition to loopback names and
            the address of the interface that receives the connection.
        trusted_proxies: IP addresses and networks of proxies whose `X-Forwarded-Host` and `X-Forwarded-Proto` apply.
        allowed_origins: Origins whose web pages may call the hub, such as `https://viewer.example.com`.
        page: Whether the hub serves its status page at `/`, without authentication.
        durable: Whether a commit waits for the disk. If False, data survives a crash of the process but may be lost in
            a power failure.
    """

    page_default: int = field(default=100, validator=ge(1))
    page_maximum: int = field(default=1000, validator=ge(1))
    briefcases_total: int = 100
    briefcases_per_minute: int = 100
    released_briefcases_count: bool = True
    tier: Literal["trial", "basic", "premium", "enterprise"] | None = field(
        default=None, validator=in_((None, "trial", "basic", "premium", "enterprise"))
    )
    creations_per_minute: int | None = None
    copies_per_minute: int | None = None
    lock_chunk: int = field(default=1000, validator=ge(1))
    lock_update_maximum: int = 1000
    recents: int = 25
    extended_data_bytes: int = 204_800
    thumbnail_bytes: int = 5 * MEBIBYTE
    body_maximum: int = 2 * MEBIBYTE
    body_timeout: timedelta = timedelta(seconds=30)
    header_timeout: timedelta = field(default=timedelta(seconds=30), validator=gt(timedelta()))
    idle_timeout: timedelta = field(default=timedelta(seconds=60), validator=gt(timedelta()))
    job_delay: timedelta = timedelta(seconds=0.3)
    push_timeout: timedelta = timedelta(minutes=5)
    changeset_group_timeout: timedelta = timedelta(hours=24)
    link_lifetime: timedelta = timedelta(hours=1)
    token_lifetime: timedelta = timedelta(hours=1)
    refresh_token_lifetime: timedelta = timedelta(days=30)
    code_lifetime: timedelta = timedelta(minutes=1)
    public_clients: tuple[str, ...] = field(default=(), converter=_texts, validator=_public_clients)
    sign_in_by_choice: bool | None = None
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
    forks_need_federation_guids: bool = False
    clone_completion_delay: timedelta = timedelta()
    local_webhooks: bool = False
    event_timeout: timedelta = timedelta(seconds=5)
    event_attempts: int = field(default=16, validator=ge(1))
    event_first_retry: timedelta = timedelta(seconds=5)
    event_longest_retry: timedelta = timedelta(hours=1)
    event_retention: timedelta = timedelta(days=7)
    index_step: int = field(default=1, validator=ge(1))
    allowed_hosts: tuple[str, ...] = field(default=(), converter=_hosts, validator=_known_hosts)
    trusted_proxies: tuple[str, ...] = field(default=(), converter=_texts, validator=_networks)
    allowed_origins: tuple[str, ...] = field(default=(), converter=_texts, validator=_origins)
    page: bool = True
    durable: bool = True

    def with_(self, **changes: object) -> Self:
        """Return a copy with changed settings.

        Raises:
            TypeError: A setting does not exist.
            ValueError: A value is invalid.
        """
        return evolve(self, **changes)  # type: ignore[arg-type] # attrs rejects unknown names
