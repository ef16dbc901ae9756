"""The asynchronous client: one method for each workflow, one attribute for each resource."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import attrs

from itwin_imodels import _workflows as rules
from itwin_imodels._aio import resources, workflows
from itwin_imodels._aio.pool import MAX_RESPONSE_SIZE, AsyncPool, Options, merged_headers
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._connection.address import base_url_of
from itwin_imodels._connection.local import started_hub
from itwin_imodels._core import checks
from itwin_imodels._core.network import Network, Verify
from itwin_imodels._core.options import RetryPolicy, Timeout
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._drift import recorder_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
    from datetime import timedelta
    from os import PathLike
    from pathlib import Path
    from types import TracebackType

    import httpx

    from imodel_files.changesets import ConflictPolicy
    from itwin_imodels._aio.resources.baseline_files import AsyncBaselineFiles
    from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
    from itwin_imodels._aio.resources.changeset_groups import AsyncChangesetGroups
    from itwin_imodels._aio.resources.changesets import AsyncChangesets
    from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
    from itwin_imodels._aio.resources.extended_data import AsyncExtendedData
    from itwin_imodels._aio.resources.favorites import AsyncFavorites
    from itwin_imodels._aio.resources.imodels import AsyncIModels
    from itwin_imodels._aio.resources.itwins import AsyncITwins
    from itwin_imodels._aio.resources.locks import AsyncLocks
    from itwin_imodels._aio.resources.named_versions import AsyncNamedVersions
    from itwin_imodels._aio.resources.operations import AsyncOperations
    from itwin_imodels._aio.resources.permissions import AsyncPermissions
    from itwin_imodels._aio.resources.recents import AsyncRecents
    from itwin_imodels._aio.resources.shares import AsyncShares
    from itwin_imodels._aio.resources.thumbnails import AsyncThumbnails
    from itwin_imodels._aio.resources.users import AsyncUsers
    from itwin_imodels._aio.workflows.authoring import AsyncAuthoringSession
    from itwin_imodels._aio.workflows.pending_imodel import AsyncPendingIModel
    from itwin_imodels._connection.local import LocalHub
    from itwin_imodels._core.environments import Environment
    from itwin_imodels._transfer import ProgressCallback
    from itwin_imodels._transfer.options import TransferOptions
    from itwin_imodels._workflows.checkpoint_sources import Kind
    from itwin_imodels.auth import AuthLike
    from itwin_imodels.errors import LockConflict
    from itwin_imodels.models import (
        Changeset,
        ChangesetGroup,
        Checkpoint,
        ContainerTypes,
        ContainingChanges,
        DownloadedCheckpoint,
        Extent,
        IModel,
        Lock,
        LockHolder,
        MinimalNamedVersion,
        MirrorResult,
        PulledChangeset,
        StaleBriefcase,
        SynchronizationInfo,
        TimelinePoint,
    )

__all__ = ["AsyncIModelsClient"]


class AsyncIModelsClient:
    """An asynchronous client for the iModels API.

    Use it as a context manager, or call `aclose()` when done. One client can be shared by any number of
    tasks and threads, which then share its token. Each event loop and each forked process uses its own connections.

    Args:
        auth: The credentials: a token, a function that returns one, `ClientCredentials`, `AuthorizationCode`,
            `DeviceCode`, `ShareKey`, or another token source. None sends requests without credentials.
        base_url: URL of the API, such as that of a local hub. Mutually exclusive with `environment`.
        environment: `production` (default), `qa` or `dev`.
        timeout: Seconds for each phase of a request, such as connecting; the whole request may take four times as
            long. A `Timeout` sets each limit; None means `Timeout()`.
        retry: Which failed requests are retried, and how often; None means `RetryPolicy()`.
        headers: Additional headers for every request to the API; None adds none.
        max_response_size: Largest response body to accept, in bytes after decompression; 64 MiB by default. A larger
            one raises `UnexpectedResponse`. File transfers are not limited.
        transfer: Settings for file transfers to and from object storage; None means `TransferOptions()`.
        transport: An httpx transport to send API requests through, for tests and special networks. `proxy`, `verify`
            and the proxy settings of the environment then apply only to sign-ins and file transfers.
            Forked processes and all event loops share the transport.
        proxy: URL of the proxy for the API, the authorization server and the storage, such as
            `http://user:password@proxy.example:3128`. None uses the proxy from the environment (`HTTPS_PROXY`), if one
            is set.
        verify: How server certificates are verified. True trusts the certificate authorities of the package certifi, or
            those that `SSL_CERT_FILE` or `SSL_CERT_DIR` names; a path trusts those of a PEM file or a folder; False
            disables the verification. An `ssl.SSLContext` is used as is.
        trust_env: Whether to read the settings of proxies and certificates from environment variables.
        record_drift: Folder for a record of the differences between responses and the API definition. The record
            contains kinds, counts, names and error codes, but no other values. None uses the folder named by the
            environment variable `IMODELS_RECORD_DRIFT`; if that is not set either, responses are not compared.

    Raises:
        TypeError: The type of an argument is not supported.
        ValueError: A URL or a number is invalid.
        ConfigurationError: The proxy requires a package that is not installed.

    Example:
        ```python
        async with AsyncIModelsClient(auth=token, base_url=base_url) as client:
            async for changeset in client.changesets.list(imodel_id):
                print(changeset.index, changeset.push_date_time)
        ```
    """

    def __init__(
        self,
        auth: AuthLike | None = None,
        *,
        base_url: str | None = None,
        environment: Environment | None = None,
        timeout: Timeout | float | timedelta | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        max_response_size: int = MAX_RESPONSE_SIZE,
        transfer: TransferOptions | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        proxy: str | None = None,
        verify: Verify = True,
        trust_env: bool = True,
        record_drift: Path | str | None = None,
    ) -> None:
        """Create a client. Connections are opened on first use."""
        network, proxy = Network.of(proxy, verify, trust_env=trust_env), None  # keeps a password out of tracebacks
        authorization, auth = (
            Authorization.of(auth, network=network),
            None,
        )  # keeps the secret out of tracebacks that print local variables
        options = Options(
            base_url=base_url_of(base_url, environment),
            timeout=Timeout() if timeout is None else Timeout.of(timeout),
            retry=retry or RetryPolicy(),
            headers=merged_headers(headers or {}),
            max_response_size=checks.whole_number("max_response_size", max_response_size, minimum=1),
        )
        self._hub: LocalHub | None = None
        self._owns_pool = True
        pool = AsyncPool(authorization, transfer, transport, recorder_of(record_drift), network)
        self._session = AsyncSession(pool, options)

    @classmethod
    def from_env(cls, *, timeout: Timeout | float | timedelta | None = None, retry: RetryPolicy | None = None) -> Self:
        """Create a client from environment variables.

        The API is selected by `IMODELS_BASE_URL`, or else by `IMODELS_ENVIRONMENT` (`production`, `qa` or `dev`;
        default `production`). The credentials are the first of these that is set: `IMODELS_TOKEN`;
        `IMODELS_SHARE_KEY`; `IMODELS_CLIENT_ID` with `IMODELS_CLIENT_SECRET` and, optionally, `IMODELS_SCOPE` and
        `IMODELS_TOKEN_URL`.

        Args:
            timeout: Timeouts of a request; see the constructor.
            retry: Which failed requests are retried, and how often; None means `RetryPolicy()`.

        Returns:
            The client.

        Raises:
            ConfigurationError: A variable is missing or invalid.

        Example:
            ```python
            client = AsyncIModelsClient.from_env()
            ```
        """
        from itwin_imodels._connection.from_env import connection_from_env  # noqa: PLC0415 - imports all credentials

        connection = connection_from_env()
        return cls(connection.auth, base_url=connection.base_url, timeout=timeout, retry=retry)

    @classmethod
    def local(
        cls, data_dir: Path | str | None = None, *, user: str | None = None, seed: str | Path | None = None
    ) -> Self:
        """Start a hub in this process and create a client for it. Closing the client stops the hub.

        No account is required. Tests can use `client.hub.control`, for example to inject faults. A hub started this way
        does not serve the control API over HTTP.

        Args:
            data_dir: Data folder of the hub; None discards all data when the hub stops.
            user: Short name of the hub user to authenticate as; by default, the first one.
            seed: Initial content of a new hub: `demo`, or the path of a TOML file that describes iModels. By default,
                one empty iTwin.

        Returns:
            The client, authenticated as the user.

        Raises:
            ConfigurationError: The extra `hub` is not installed.
            ValueError: The hub has no user with this name, or the file `seed` is invalid.

        Example:
            ```python
            async with AsyncIModelsClient.local() as client:
                imodel = await client.imodels.create(client.hub.itwin_id, "Bridge")
            ```
        """
        hub = started_hub(data_dir, seed)
        try:
            client = cls(hub.token(user), base_url=hub.base_url)
        except BaseException:
            hub.stop()
            raise
        client._hub = hub
        return client

    def with_options(
        self,
        *,
        timeout: Timeout | float | timedelta | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        max_response_size: int | None = None,
    ) -> Self:
        """Return a view of this client with different options. It shares the connections and the token.

        This client itself is not changed. None keeps an option as it is.

        Args:
            timeout: Timeouts of a request; see the constructor.
            retry: Which failed requests are retried, and how often.
            headers: Additional headers for every request; a header with the same name as one of this client's replaces
                it.
            max_response_size: Largest response body to accept, in bytes after decompression; a larger one raises
                `UnexpectedResponse`.

        Returns:
            The view. Closing it has no effect.

        Example:
            ```python
            patient = client.with_options(timeout=120, headers={"X-Correlation-Id": "night-run-7"})
            ```
        """
        options = self._session.options
        changed = attrs.evolve(
            options,
            timeout=options.timeout if timeout is None else Timeout.of(timeout),
            retry=retry or options.retry,
            headers=merged_headers(options.headers, headers or {}),
            max_response_size=options.max_response_size
            if max_response_size is None
            else checks.whole_number("max_response_size", max_response_size, minimum=1),
        )
        view = type(self).__new__(type(self))
        view.__dict__.update(_hub=self._hub, _owns_pool=False, _session=AsyncSession(self._session.pool, changed))
        return view

    @property
    def base_url(self) -> str:
        """URL of the API."""
        return self._session.options.base_url

    @property
    def hub(self) -> LocalHub:
        """The hub of a client created by `local()`.

        Raises:
            RuntimeError: The client was not created by `local()`.
        """
        if self._hub is None:
            raise RuntimeError("this client has no hub: create the client with local()")
        return self._hub

    @cached_property
    def itwins(self) -> AsyncITwins:
        """iTwins, which contain iModels."""
        return resources.AsyncITwins(self._session)

    @cached_property
    def imodels(self) -> AsyncIModels:
        """List, read, create, update, delete, clone and fork iModels."""
        return resources.AsyncIModels(self._session)

    @cached_property
    def operations(self) -> AsyncOperations:
        """Read the progress of iModel creation."""
        return resources.AsyncOperations(self._session)

    @cached_property
    def baseline_files(self) -> AsyncBaselineFiles:
        """Baseline files, the files that timelines begin with."""
        return resources.AsyncBaselineFiles(self._session)

    @cached_property
    def briefcases(self) -> AsyncBriefcases:
        """Briefcases, the numbered working copies of iModels."""
        return resources.AsyncBriefcases(self._session)

    @cached_property
    def changesets(self) -> AsyncChangesets:
        """Changesets, the entries of a timeline."""
        return resources.AsyncChangesets(self._session)

    @cached_property
    def changeset_groups(self) -> AsyncChangesetGroups:
        """Changeset groups: sets of changesets that were pushed as one unit of work, such as a connector run."""
        return resources.AsyncChangesetGroups(self._session)

    @cached_property
    def changeset_extended_data(self) -> AsyncExtendedData:
        """Extended data: JSON that applications attach to changesets."""
        return resources.AsyncExtendedData(self._session)

    @cached_property
    def named_versions(self) -> AsyncNamedVersions:
        """Named Versions: named points in the timeline."""
        return resources.AsyncNamedVersions(self._session)

    @cached_property
    def checkpoints(self) -> AsyncCheckpoints:
        """Checkpoints: complete databases at points in the timeline."""
        return resources.AsyncCheckpoints(self._session)

    @cached_property
    def locks(self) -> AsyncLocks:
        """Locks that briefcases hold on objects."""
        return resources.AsyncLocks(self._session)

    @cached_property
    def thumbnails(self) -> AsyncThumbnails:
        """Thumbnail images of iModels."""
        return resources.AsyncThumbnails(self._session)

    @cached_property
    def users(self) -> AsyncUsers:
        """Users who have worked with an iModel."""
        return resources.AsyncUsers(self._session)

    @cached_property
    def permissions(self) -> AsyncPermissions:
        """Permissions of the caller, of roles and of users on iModels."""
        return resources.AsyncPermissions(self._session)

    @cached_property
    def shares(self) -> AsyncShares:
        """Shares: keys that grant read access to an iModel to anyone who has the key."""
        return resources.AsyncShares(self._session)

    @cached_property
    def favorites(self) -> AsyncFavorites:
        """The caller's favorite iModels."""
        return resources.AsyncFavorites(self._session)

    @cached_property
    def recents(self) -> AsyncRecents:
        """The iModels that the caller used most recently."""
        return resources.AsyncRecents(self._session)

    async def acquire_locks(
        self,
        imodel_id: str,
        briefcase_id: int,
        *,
        exclusive: Iterable[str] = (),
        shared: Iterable[str] = (),
        changeset_id: str | None = None,
        timeout: float = 0.0,
    ) -> Lock:
        """Lock objects for a briefcase, any number at once; either all of them are locked or none.

        More than 1000 ids are sent in several requests. If one of these fails, the locks acquired by the earlier ones
        are released. The locks that the briefcase held before are then restored; if that fails, the error has a note
        about it.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.
            exclusive: Ids of objects, such as `0x1f`, that no other briefcase may lock.
            shared: Ids of objects that other briefcases may also lock at the shared level. A shared lock replaces an
                exclusive one of the same briefcase.
            changeset_id: The changeset that the briefcase is at; None for the baseline.
            timeout: Seconds to wait for other briefcases to release their locks; 0 does not wait.

        Returns:
            The resulting locks on these objects, as reported by the service.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            LockConflict: Other briefcases hold locks on some of the objects; `lock_holders()` returns their owners.
            NotFound: The iModel, the briefcase or the changeset does not exist.
            OutdatedLock: Some of the objects were changed after `changeset_id`; `object_ids` lists them.
            ValueError: No id is given, an id is in both lists, or an id does not have the form `0x…`.

        Example:
            ```python
            await client.acquire_locks(imodel_id, briefcase.briefcase_id, exclusive=["0x20000000011"], timeout=60)
            ```

        Service operations: Update iModel Locks, Get iModel Locks.
        """
        return await workflows.AsyncLockSet(self._session, imodel_id, briefcase_id).acquire(
            exclusive=exclusive, shared=shared, changeset_id=changeset_id, timeout=timeout
        )

    async def release_locks(
        self, imodel_id: str, briefcase_id: int, object_ids: Iterable[str], *, changeset_id: str | None = None
    ) -> None:
        """Release some locks of a briefcase.

        More than 1000 ids are sent in several requests. If one of these fails, the locks released by the earlier ones
        remain released.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.
            object_ids: Ids of the objects; there is no limit on their number.
            changeset_id: The last changeset that the briefcase pushed; the objects are recorded as changed by it. None
                abandons the locks: the objects are recorded as unchanged.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel, the briefcase or the changeset does not exist, or the briefcase does not hold a lock
                on one of the objects (`LockNotFound`).
            ValueError: No id is given, or an id does not have the form `0x…`.

        Example:
            ```python
            await client.acquire_locks(imodel_id, briefcase.briefcase_id, shared=["0x2a"])
            await client.release_locks(imodel_id, briefcase.briefcase_id, ["0x2a"])
            ```

        Service operation: Update iModel Locks.
        """
        locks = workflows.AsyncLockSet(self._session, imodel_id, briefcase_id)
        await locks.release(object_ids, changeset_id=changeset_id)

    async def release_all_locks(self, imodel_id: str, briefcase_id: int, *, changeset_id: str | None = None) -> int:
        """Release all locks of a briefcase.

        After a failure, call this again to release the remaining locks. It succeeds if the briefcase holds no locks.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.
            changeset_id: The last changeset that the briefcase pushed; the objects are recorded as changed by it. None
                abandons the locks: the objects are recorded as unchanged.

        Returns:
            The number of chunks in which the locks were released; 0 if there were none.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel, the briefcase or the changeset does not exist.
            OperationFailed: The service still reports locks after 10,000 chunks.

        Example:
            ```python
            await client.release_all_locks(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Locks Chunk.
        """
        return await workflows.AsyncLockSet(self._session, imodel_id, briefcase_id).release_all(changeset_id)

    async def abandon_all_locks(self, imodel_id: str, briefcase_id: int) -> int:
        """Release all locks of a briefcase, and record their objects as unchanged.

        The same as `release_all_locks()` without a changeset.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.

        Returns:
            The number of chunks in which the locks were released; 0 if there were none.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel or the briefcase does not exist.
            OperationFailed: The service still reports locks after 10,000 chunks.

        Example:
            ```python
            await client.abandon_all_locks(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Locks Chunk.
        """
        return await workflows.AsyncLockSet(self._session, imodel_id, briefcase_id).release_all(None)

    async def lock_holders(self, imodel_id: str, conflict: LockConflict) -> list[LockHolder]:
        """Return the devices and users that hold conflicting locks.

        Args:
            imodel_id: Id of the iModel.
            conflict: The error that lists the locks.

        Returns:
            One entry for each briefcase that holds some of the locks.

        Example:
            ```python
            try:
                await client.acquire_locks(imodel_id, briefcase.briefcase_id, exclusive=["0x1f"])
            except LockConflict as conflict:
                for holder in await client.lock_holders(imodel_id, conflict):
                    print(holder.briefcase_id, holder.object_ids, holder.owner)
            ```

        Service operations: Get iModel Briefcase Details, Get iModel User Details.
        """
        return await workflows.AsyncLockHolders(self._session, imodel_id).of(conflict)

    async def release_stale_locks(
        self,
        imodel_id: str,
        *,
        owner: str | None = None,
        device: str | None = None,
        older_than: timedelta | None = None,
        briefcase_ids: Collection[int] | None = None,
        dry_run: bool = True,
        release_briefcases: bool = True,
    ) -> list[StaleBriefcase]:
        """Release stale briefcases and their locks, for example those of lost devices.

        By default, this only reports what would be released; pass `dry_run=False` to release it. Releasing locks or
        briefcases of other users requires `imodels_manage`. A failure for one briefcase is reported in its result and
        does not stop the others.

        Args:
            imodel_id: Id of the iModel.
            owner: Select only briefcases of this user, given by id or e-mail address; `me` is the caller.
            device: Select only briefcases on devices whose name matches this pattern with `*` and `?`, ignoring case.
            older_than: Select only briefcases that were acquired longer ago than this, by the clock of the service or
                of this machine, whichever is earlier.
            briefcase_ids: Select only these briefcases, for example those of a dry run that a person has confirmed.
            dry_run: Whether to only return what would be released, without releasing anything.
            release_briefcases: Whether to release the briefcases too, not only their locks.

        Returns:
            The matching briefcases, with their locks and the outcome for each.

        Raises:
            NameNotFound: No user with this e-mail address has worked with the iModel.
            NotFound: The iModel does not exist.
            ValueError: No criterion is given, `older_than` is negative, or a briefcase id is out of bounds.

        Example:
            ```python
            for stale in await client.release_stale_locks(imodel_id, older_than=timedelta(days=30)):
                print(stale.briefcase.device_name, stale.lock_count)
            ```

        Service operations: Get iModel Users, Get iModel Briefcases, Get iModel Details, Get iModel Locks,
        Release iModel Locks Chunk, Release iModel Briefcase.
        """
        criteria = rules.StaleCriteria.of(
            owner=owner, device=device, older_than=older_than, briefcase_ids=briefcase_ids
        )
        briefcases = workflows.AsyncStaleBriefcases(self._session, imodel_id)
        stale = await briefcases.find(criteria)
        return stale if dry_run else await briefcases.free(stale, release_briefcases=release_briefcases)

    async def push_changeset(
        self,
        imodel_id: str,
        file: str | PathLike[str],
        *,
        briefcase_id: int,
        parent_id: str | None,
        id: str | None = None,
        description: str | None = None,
        containing_changes: ContainingChanges | int | None = None,
        group_id: str | None = None,
        synchronization_info: SynchronizationInfo | None = None,
        release_locks: bool = False,
        timeout: float = 300.0,
        progress: ProgressCallback | None = None,
    ) -> Changeset:
        """Push a changeset: create it, upload its file and confirm the upload.

        The changeset id is computed from the file and `parent_id`. After an interruption, call this again with the same
        file to resume. If the changeset is already in the timeline, it is returned and nothing is pushed.

        Args:
            imodel_id: Id of the iModel.
            file: The changeset file.
            briefcase_id: Id of the briefcase that pushes, at least 2.
            parent_id: The changeset on which the changes are based, which must be the newest one of the iModel; None or
                empty for the baseline.
            id: The expected id of the file, 40 hexadecimal digits; None skips this check.
            description: Description of the changeset, at most 255 characters; None for no description.
            containing_changes: The kinds of changes in it; None leaves this to the service.
            group_id: Id of the changeset group to add it to; None for no group.
            synchronization_info: The synchronization run and source files of a connector; None records nothing.
            release_locks: Whether to release all locks of the briefcase after the push.
            timeout: Seconds to wait while other briefcases push.
            progress: Called, possibly from a worker thread, with the number of bytes uploaded and the size of the file.

        Returns:
            The changeset, which is now in the timeline.

        Raises:
            AnotherUserPushing: Another push was still in progress when the timeout expired.
            Conflict: The changeset group is closed (`ChangesetGroupIsClosed`).
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            IntegrityError: The file changed during the upload.
            InvalidChangesetFile: The file is not a changeset file, or its id is not the expected one; nothing was sent.
            NotFound: The iModel, the briefcase, the parent or the changeset group does not exist.
            OutdatedPush: The parent is not the newest changeset; `changeset_ids` lists the changesets to pull.
            TransferError: The upload failed.
            UnreadableFile: The file does not exist or cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            latest = await client.changesets.latest(imodel_id)
            changeset = await client.push_changeset(
                imodel_id, changeset_file, briefcase_id=briefcase.briefcase_id, parent_id=latest.id if latest else None
            )
            ```

        Service operations: Create iModel Changeset, Update iModel Changeset, Get iModel Changeset Details, Get iModel
        Changesets, Release iModel Locks Chunk.
        """
        plan = rules.PushPlan(
            imodel_id=imodel_id,
            briefcase_id=briefcase_id,
            id=id,
            description=description,
            containing_changes=containing_changes,
            group_id=group_id,
            synchronization_info=synchronization_info,
            release_locks=release_locks,
            timeout=timeout,
            progress=progress,
        )
        push = await workflows.AsyncPush.of_file(self._session, plan, file, parent_id)
        return await push.run()

    async def push_changesets(
        self,
        imodel_id: str,
        files: Iterable[str | PathLike[str]],
        *,
        briefcase_id: int,
        parent_id: str | None,
        description: str | None = None,
        group: str | None = None,
        release_locks: bool = False,
        timeout: float = 300.0,
        progress: ProgressCallback | None = None,
    ) -> list[Changeset]:
        """Push a chain of changesets, each based on the one before it.

        After an interruption, call this again with the same files to push the remaining ones into the same group.

        Args:
            imodel_id: Id of the iModel.
            files: The files, oldest first; each changeset is the parent of the next.
            briefcase_id: Id of the briefcase that pushes, at least 2.
            parent_id: The changeset on which the first file is based, which must be the newest one of the iModel when
                the first file is pushed; None or empty for the baseline.
            description: Description of each changeset, at most 255 characters; None for no description.
            group: Description of the changeset group to push them into. If an interrupted push of
                these files left its group open, that group is reused; otherwise, a new one is created. It is closed as
                completed at the end. None uses no group.
            release_locks: Whether to release all locks of the briefcase after the push.
            timeout: Seconds that each changeset waits while other briefcases push.
            progress: Called, possibly from a worker thread, with the number of bytes uploaded and the total size of the
                files.

        Returns:
            The changesets, in the order of the files.

        Raises:
            AnotherUserPushing: Another push was still in progress when the timeout expired.
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            IntegrityError: A file changed during the upload.
            InvalidChangesetFile: A file is not a changeset file; nothing was sent.
            NotFound: The iModel, the briefcase or the parent does not exist.
            OutdatedPush: The parent is not the newest changeset; `changeset_ids` lists the changesets to pull.
            TransferError: An upload failed.
            UnreadableFile: A file does not exist or cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            await client.push_changesets(
                imodel_id, changeset_files, briefcase_id=briefcase.briefcase_id, parent_id=None, group="May survey"
            )
            ```

        Service operations: Create iModel Changeset, Update iModel Changeset, Get iModel Changeset Details, Get iModel
        Changesets, Create iModel Changeset Group, Update iModel Changeset Group, Get iModel Changeset Group Details,
        Release iModel Locks Chunk.
        """
        plan = rules.PushPlan(
            imodel_id=imodel_id,
            briefcase_id=briefcase_id,
            description=description,
            release_locks=release_locks,
            timeout=timeout,
            progress=progress,
        )
        if group is not None:
            checks.text("group", group, blank=True)
        chain = await workflows.AsyncPushChain.of_files(self._session, plan, files, parent_id)
        return await chain.run(group)

    @asynccontextmanager
    async def changeset_group(self, imodel_id: str, description: str | None = None) -> AsyncGenerator[ChangesetGroup]:
        """Create a changeset group for the duration of a block, and close it as completed at the end.

        If the block fails, the group stays open, so that the work can be resumed. A note on the error names the group.

        Args:
            imodel_id: Id of the iModel.
            description: Description of the group, at most 255 characters; None for no description.

        Yields:
            The group. Pass its id to pushes as `group_id`.

        Raises:
            Forbidden: The caller lacks `imodels_write`.
            NotFound: The iModel does not exist.

        Example:
            ```python
            async with client.changeset_group(imodel_id, "Nightly synchronization") as group:
                await client.push_changeset(
                    imodel_id, changeset_file, briefcase_id=briefcase.briefcase_id, parent_id=None, group_id=group.id
                )
            ```

        Service operations: Create iModel Changeset Group, Update iModel Changeset Group.
        """
        async with workflows.AsyncOpenGroup(self._session, imodel_id).opened(description) as group:
            yield group

    @asynccontextmanager
    async def authoring_session(
        self,
        imodel_id: str,
        *,
        device_name: str | None = None,
        briefcase_id: int | None = None,
        changeset_id: str | None = None,
        release_briefcase: bool = True,
    ) -> AsyncGenerator[AsyncAuthoringSession]:
        """Work in a briefcase for the duration of a block; its locks are released at the end, even after an error.

        Args:
            imodel_id: Id of the iModel.
            device_name: Name of the device to acquire the briefcase for, at most 255 characters; None for no name.
            briefcase_id: Id of an existing briefcase to work in; None acquires a new one.
            changeset_id: Id of the changeset that the work is based on, which is the parent of the first pushed file;
                an empty string is the baseline. None is the newest changeset, for files written in the session.
            release_briefcase: Whether to release a newly acquired briefcase at the end; ignored if `briefcase_id` is
                given.

        Yields:
            The session; use it to lock objects and push changesets.

        Raises:
            NotFound: The iModel or the briefcase does not exist.
            ValidationFailed: The caller already holds the maximum number of briefcases.

        Example:
            ```python
            async with client.authoring_session(imodel_id, device_name="ci-7") as session:
                await session.lock(exclusive=["0x20000000011"])
                await session.push(changeset_file, description="Walls of floor 2")
            ```

        Service operations: Get iModel Changesets, Acquire iModel Briefcase, Get iModel Briefcase Details, Update iModel
        Locks, Create iModel Changeset, Update iModel Changeset, Get iModel Changeset Details, Release iModel Locks
        Chunk, Release iModel Briefcase.
        """
        async with workflows.AsyncAuthoring(self._session, imodel_id).opened(
            device_name=device_name,
            briefcase_id=briefcase_id,
            changeset_id=changeset_id,
            release_briefcase=release_briefcase,
        ) as session:
            yield session

    async def pull_changesets(
        self,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        after: str | int | None = None,
        until: str | int | None = None,
        verify: Literal["id", "size"] = "id",
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> list[PulledChangeset]:
        """Download the changeset files that are missing from a folder.

        A file gets its name, `<id>.cs`, only when it is complete and verified. An existing file is kept if it matches;
        otherwise, it is replaced. After an interruption, call this again to resume.
        Files are downloaded in parallel; `TransferOptions.parallelism` sets how many.

        The result has an entry for each changeset in the range. For very long timelines, see `mirror_timeline()`.

        Args:
            imodel_id: Id of the iModel.
            directory: The folder to write the files to; created if missing.
            after: Id or index of the changeset after which the range begins; None, 0 or empty for the baseline.
            until: Id or index of the last changeset in the range; None for the newest. An index greater than that of
                the newest changeset means the newest.
            verify: `id` computes the id of every file, including existing ones; `size` only compares sizes.
            timeout: Seconds for the whole call, requests and transfers included. None sets no limit; a transfer that
                makes no progress still fails (see `TransferOptions`).
            progress: Called, possibly from a worker thread, with the number of bytes present and the total size of the
                files, which is None until the whole list has been read.

        Returns:
            The changesets of the range and their files, oldest first, without download links.

        Raises:
            IntegrityError: A file in the storage does not match its changeset; it was not kept.
            LinkExpired: The storage rejected a link and its replacement.
            LinkMissing: The service returned no link to a file; downloads require `imodels_read`.
            NotFound: The iModel or the changeset does not exist.
            TransferError: A file could not be downloaded or written, for example because the disk is full.
            UnexpectedResponse: The list of changesets that the service returned is incomplete: a changeset does not
                follow the one before it, or the last one is missing.
            ValueError: An argument is invalid, or the range ends before it begins.
            WaitTimeout: The call took longer than `timeout`.

        Example:
            ```python
            for pulled in await client.pull_changesets(imodel_id, directory, after=0):
                print(pulled.changeset.index, pulled.path)
            ```

        Service operations: Get iModel Changesets, Get iModel Changeset Details.
        """
        limit = TimeLimit(timeout, f"pulling the changesets of iModel {imodel_id}")
        session = self._session.within(limit)
        pull = workflows.AsyncPull(session, imodel_id, directory, verify=verify, limit=limit, progress=progress)
        return await pull.run(after=after, until=until)

    async def revert_timeline(
        self,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        to: str | int,
        briefcase_id: int,
        database: str | PathLike[str] | None = None,
        description: str | None = None,
        release_locks: bool = False,
        timeout: float = 300.0,
        progress: ProgressCallback | None = None,
    ) -> Changeset | None:
        """Restore the content that an iModel had at an earlier changeset, by pushing one that reverts all later ones.

        The timeline keeps all changesets and gets one more. After an interruption, call this again to resume.

        The changesets after `to` are pulled and inverted by `imodel_files.changesets.invert_changesets()`. Their DDL is
        not undone: tables, columns and indexes that they created remain, without content. If changes conflicted with
        the earlier content, the files do not contain what was overridden or skipped. Pass `database` to restore the
        content of `to` exactly.
        The service does not check locks on a push: acquire those that the application requires.

        Args:
            imodel_id: Id of the iModel.
            directory: The folder for the pulled files and the new changeset file; created if missing.
            to: Id or index of the changeset to return to; 0 or an empty string is the baseline.
            briefcase_id: Id of the briefcase that pushes, at least 2.
            database: A database at `to`, such as one written by `download_checkpoint()` with `apply`; it is not
                modified. Requires the extra `checkpoint` and, temporarily, disk space for a copy of the database.
            description: Description of the new changeset, at most 255 characters; by default it names `to`.
            release_locks: Whether to release all locks of the briefcase after the push.
            timeout: Seconds to wait while other briefcases push.
            progress: Called, possibly from a worker thread, with the number of bytes present and the total size of the
                pulled files.

        Returns:
            The new changeset, or None if the iModel already has the content of `to`; nothing is pushed then.

        Raises:
            AnotherUserPushing: Another push was still in progress when the timeout expired.
            ConfigurationError: `database` requires the extra `checkpoint`; nothing was sent.
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            IntegrityError: A file in the storage does not match its changeset.
            InvalidChangesetFile: A changeset cannot be inverted, because it drops or renames a table, drops a column
                or, with `database`, renames a column; or the database is not at `to`. Nothing was pushed.
            LinkMissing: The service returned no link to a file; downloads require `imodels_read`.
            NotFound: The iModel, the briefcase or the changeset does not exist.
            OutdatedPush: Another briefcase has pushed in the meantime; call this again.
            TransferError: A file could not be transferred or written, for example because the disk is full.
            UnexpectedResponse: The list of changesets that the service returned is incomplete: a changeset does not
                follow the one before it, or the last one is missing.
            UnreadableFile: The database cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            reverted = await client.revert_timeline(imodel_id, directory, to=1, briefcase_id=briefcase.briefcase_id)
            print(reverted.index if reverted else "nothing to do")
            ```

        Service operations: Get iModel Changesets, Get iModel Changeset Details, Create iModel Changeset, Update iModel
        Changeset, Release iModel Locks Chunk.
        """
        push = rules.PushPlan(
            imodel_id=imodel_id,
            briefcase_id=briefcase_id,
            description=description,
            release_locks=release_locks,
            timeout=timeout,
        )
        plan = rules.RevertPlan(to=to, directory=directory, database=database, push=push)
        return await workflows.AsyncRevert(self._session, plan, progress).run()

    async def mirror_timeline(
        self,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        files: bool = True,
        verify: Literal["id", "size"] = "id",
        check: Literal["none", "size", "id"] = "size",
        lock_timeout: float = 60.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> MirrorResult:
        """Create or update a local copy of an iModel's whole history.

        The folder contains a SQLite database, `timeline.db`, with the metadata of each changeset, and the changeset
        files as `<id>.cs`. An update reads only the end of the list of changesets; missing and damaged files are
        downloaded again. After an interruption, call this again to resume. One process at a time can update a mirror;
        any number can read it at the same time with `itwin_imodels.mirror.open_mirror()`.

        Memory use does not depend on the length of the timeline.

        Args:
            imodel_id: Id of the iModel.
            directory: The folder of the mirror; created if missing. A folder into which changesets were pulled is
                accepted: its files are verified and kept.
            files: Whether to mirror the changeset files too, not only the metadata.
            verify: How new, unknown and modified files are verified: `id` computes their ids, `size` only compares
                sizes.
            check: How files that were verified before are checked again: `size` compares size and modification time
                with the recorded ones, `id` computes the ids of the files, `none` trusts the records.
            lock_timeout: Seconds to wait while another process updates the mirror.
            timeout: Seconds for the whole call, requests and transfers included. None sets no limit; a transfer that
                makes no progress still fails (see `TransferOptions`).
            progress: Called, possibly from a worker thread, with the number of verified bytes and the total size of the
                files.

        Returns:
            A summary of the mirror and of this update.

        Raises:
            IntegrityError: A file in the storage does not match its changeset; it was not kept.
            LinkExpired: The storage rejected a link and its replacement.
            LinkMissing: The service returned no link to a file; downloads require `imodels_read`.
            MirrorError: The folder is a mirror of another iModel or timeline, or its database cannot be used.
            NotFound: The iModel does not exist.
            TransferError: A file could not be downloaded or written, for example because the disk is full.
            UnexpectedResponse: The list of changesets that the service returned is incomplete: a changeset does not
                follow the one before it, or the last one is missing.
            ValueError: An argument is invalid.
            WaitTimeout: The mirror was still locked after `lock_timeout`, or the call took longer than `timeout`.

        Example:
            ```python
            result = await client.mirror_timeline(imodel_id, directory)
            print(result.changesets, result.new_changesets, result.database)
            ```

        Service operations: Get iModel Changesets, Get iModel Changeset Details.
        """
        update = workflows.AsyncMirrorUpdate(
            self._session,
            imodel_id,
            directory,
            verify=verify,
            check=check,
            lock_timeout=lock_timeout,
            timeout=timeout,
            progress=progress,
        )
        return await update.run(files=files)

    async def changeset_at(
        self,
        imodel_id: str,
        *,
        first: bool = False,
        latest: bool = False,
        named_version: str | MinimalNamedVersion | None = None,
        index: int | None = None,
        id: str | None = None,
    ) -> TimelinePoint:
        """Return a point in the timeline, selected by exactly one of the criteria.

        Args:
            imodel_id: Id of the iModel.
            first: Select the baseline; no request is sent.
            latest: Select the newest changeset, or the baseline if there is none yet.
            named_version: Select the changeset of this Named Version, given as an object, by id or by name. Names are
                case-sensitive.
            index: Select the changeset with this index; 0 is the baseline.
            id: Select the changeset with this id, 40 hexadecimal digits; an empty string is the baseline.

        Returns:
            The point, with its changeset unless it is the baseline.

        Raises:
            NameNotFound: No Named Version has this name.
            NotFound: The iModel, the Named Version with this id or the changeset does not exist.
            ValueError: No criterion or more than one is given, or one is invalid; nothing was sent.

        Example:
            ```python
            point = await client.changeset_at(imodel_id, latest=True)
            print(point.index, point.changeset_id)
            ```

        Service operations: Get iModel Changesets, Get iModel Changeset Details, Get iModel Named Versions, Get iModel
        Named Version Details.
        """
        points = workflows.AsyncTimelinePoints(self._session, imodel_id)
        return await points.at(first=first, latest=latest, named_version=named_version, index=index, id=id)

    async def wait_for_checkpoint(
        self,
        imodel_id: str,
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        timeout: float = 600.0,
    ) -> Checkpoint:
        """Wait until the service has generated the checkpoint of a changeset or a Named Version.

        The service generates one for each new Named Version; `checkpoints.create_for_named_version()` requests a retry.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id or index of the changeset; 0 or empty is the baseline. Mutually exclusive with
                `named_version`.
            named_version: The Named Version, its id or its name.
            timeout: Seconds to wait, 600 by default; 0 checks once.

        Returns:
            The checkpoint.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            NameNotFound: No Named Version has this name.
            NotFound: The iModel, the changeset or the Named Version with this id does not exist, or there is no
                checkpoint (`CheckpointNotFound`).
            OperationFailed: The service could not generate it; `state` is `failed` or `notGenerated`.
            ValueError: Neither or both of `changeset` and `named_version` are given, or the value is invalid; nothing
                was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again.

        Example:
            ```python
            checkpoint = await client.wait_for_checkpoint(imodel_id, named_version=named_version, timeout=60)
            ```

        Service operations: Get Changeset Checkpoint, Get Named Version Checkpoint, Get iModel Named Versions, Get
        iModel Named Version Details.
        """
        return await workflows.AsyncCheckpointWait(self._session, imodel_id, timeout).run(changeset, named_version)

    async def download_checkpoint(
        self,
        imodel_id: str,
        target: str | PathLike[str],
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        preceding: bool = True,
        kind: Kind = "auto",
        apply: bool = False,
        conflicts: ConflictPolicy = "native",
        check: bool = False,
        keep_block_list: bool = False,
        checkpoint_timeout: float = 0.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> DownloadedCheckpoint:
        """Download the database at a point in the timeline.

        The source is the checkpoint of that point, as one file (`v1`) if available, otherwise as blocks (`v2`). If the
        point has no checkpoint and `preceding` is True, the nearest earlier checkpoint is used, or else the baseline.
        With `apply`, the changesets after the checkpoint are pulled and applied to it, so that the database is at
        exactly the requested point.

        The target appears under its name only once it is complete and verified. A single file must be a SQLite database
        of the size that the service and the storage report, and match the MD5 that the storage reports, if available.
        Blocks must match the MD5 in their names and the one that the storage reports, if available, and their number
        must match the size in the header of the database. After an interruption, call this again to resume; until then,
        a folder `<target>.work` or the file `<target>.part` and its notes (`<target>.part.json` or
        `<target>.part.blocks`) remain next to the target.

        Args:
            imodel_id: Id of the iModel.
            target: The file to write; an existing one is replaced. It must not be open in any program.
            changeset: Id or index of the requested changeset; 0 or empty is the baseline. By default, the newest.
            named_version: The requested Named Version, given as an object, by id or by name. Mutually exclusive with
                `changeset`.
            preceding: Whether an earlier checkpoint is accepted.
            kind: The accepted forms of a checkpoint: `v1` is one file, `v2` is blocks. `auto` accepts both, and prefers
                one file if a checkpoint has both.
            apply: Whether to apply changesets to an earlier checkpoint. Requires the extra `checkpoint` and,
                temporarily, twice the disk space of the database.
            conflicts: What to do with changes that conflict with the database: `native` applies them anyway, or skips
                those that cannot be applied, as the native library of iTwin.js does, and reports them; `strict` raises
                `InvalidChangesetFile` at the first one.
            check: Whether to run SQLite's `PRAGMA quick_check` at the end, which reads the whole database.
            keep_block_list: Whether to keep the list of blocks in the file `<target>.blocks`, for
                `update_checkpoint()`. Single-file checkpoints have no such list. Mutually exclusive with `apply`.
            checkpoint_timeout: Seconds to wait while the service generates the checkpoint of the requested point; after
                that, an earlier one is used, if accepted.
            timeout: Seconds for the whole call: requests, the wait for the checkpoint, and transfers. None sets no
                limit; a transfer that makes no progress still fails (see `TransferOptions`).
            progress: Called, possibly from a worker thread, with the number of bytes present and the total, which is
                None until it is known; applying changesets is not counted.

        Returns:
            The file, its point in the timeline and, with `apply`, the conflicts (`report`).

        Raises:
            ConfigurationError: `apply` requires the extra `checkpoint`; nothing was sent.
            Forbidden: The caller lacks `imodels_read`.
            IntegrityError: The data in the storage is not as expected: a different size or content, a missing block, or
                not a database. No file was written under the target's name.
            InvalidChangesetFile: A changeset cannot be applied to the checkpoint.
            InvalidFile: The target is in use.
            LinkExpired: The storage rejected the link and its replacement.
            LinkMissing: The service returned no link to the database, its blocks or a changeset file; downloads require
                `imodels_read`.
            NameNotFound: No Named Version has this name.
            NotFound: The iModel, the changeset or the Named Version with this id does not exist; or without
                `preceding`, the point has no checkpoint (`CheckpointNotFound`).
            OperationFailed: Without `preceding`, the point's checkpoint could not be generated or is not available in
                this form; or no database is available in this form.
            TransferError: A file could not be downloaded or written, for example because the disk is full.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: The call took longer than `timeout`; or without `preceding`, the checkpoint was not generated
                within `checkpoint_timeout`.

        Example:
            ```python
            downloaded = await client.download_checkpoint(imodel_id, directory / "tip.bim")
            print(downloaded.changeset_index, downloaded.is_exact)
            ```

        Service operations: Get Changeset Checkpoint, Get iModel Changesets, Get iModel Changeset Details, Get iModel
        Named Versions, Get iModel Named Version Details, Get iModel Baseline File Details.
        """
        rules.check_can_keep_block_list(apply=apply, keep_block_list=keep_block_list)
        limit = TimeLimit(timeout, f"the download of a checkpoint of iModel {imodel_id}")
        settings = rules.DownloadSettings(
            target=target,
            limit=limit,
            progress=progress,
            check=check,
            keep_block_list=keep_block_list,
            conflicts=conflicts,
        )
        session = self._session.within(limit)
        sources = workflows.AsyncCheckpointSources(
            session, imodel_id, kind=kind, preceding=preceding, timeout=checkpoint_timeout
        )
        return await workflows.AsyncCheckpointDownload(session, sources, settings, apply=apply).run(
            changeset, named_version
        )

    async def update_checkpoint(
        self,
        imodel_id: str,
        database: str | PathLike[str],
        *,
        target: str | PathLike[str] | None = None,
        block_list: str | PathLike[str] | None = None,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        preceding: bool = True,
        check: bool = False,
        checkpoint_timeout: float = 0.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> DownloadedCheckpoint:
        """Create a newer database from an older one, downloading only the blocks that differ.

        The resulting file is the same as the one that `download_checkpoint()` writes with `kind="v2"`. The older
        database is not modified; without `target`, it is replaced at the end. A block of the older database is reused
        only if its content is proven to be the same: by the MD5 in the block's id, by the saved list of its blocks, or
        by the MD5 that the storage reports. Changed, truncated and damaged blocks are downloaded.

        Like `download_checkpoint()`, this resumes after an interruption. The list of blocks is kept in the file
        `<target>.blocks`.

        Args:
            imodel_id: Id of the iModel.
            database: The older database. It must not be open in any program.
            target: The file to write; by default the older database, which is replaced only when the new one is
                complete.
            block_list: The file that lists the blocks of the older database; by default `<database>.blocks`. It may
                be missing.
            changeset: Id or index of the requested changeset; 0 or empty is the baseline. By default, the newest.
            named_version: The requested Named Version, given as an object, by id or by name. Mutually exclusive with
                `changeset`.
            preceding: Whether an earlier checkpoint is accepted.
            check: Whether to run SQLite's `PRAGMA quick_check` at the end, which reads the whole database.
            checkpoint_timeout: Seconds to wait while the service generates the checkpoint of the requested point; after
                that, an earlier one is used, if accepted.
            timeout: Seconds for the whole call: requests, the wait for the checkpoint, and transfers. None sets no
                limit; a transfer that makes no progress still fails (see `TransferOptions`).
            progress: Called, possibly from a worker thread, with the number of bytes present and the total.

        Returns:
            The file, its point in the timeline, and how much of the older database was reused.

        Raises:
            Forbidden: The caller lacks `imodels_read`.
            IntegrityError: The data in the storage is not as expected. No file was written under the target's name.
            InvalidFile: The older database is not a SQLite database, or a file is in use; nothing was sent.
            LinkExpired: The storage rejected the credential and its replacement.
            LinkMissing: The service granted no access to the blocks; downloads require `imodels_read`.
            NameNotFound: No Named Version has this name.
            NotFound: The iModel, the changeset or the Named Version with this id does not exist; or without
                `preceding`, the point has no checkpoint (`CheckpointNotFound`).
            OperationFailed: Without `preceding`, the point's checkpoint could not be generated or has no blocks; or no
                block-based checkpoint exists.
            TransferError: A block could not be downloaded or written, for example because the disk is full.
            UnreadableFile: The older database cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: The call took longer than `timeout`; or without `preceding`, the checkpoint was not generated
                within `checkpoint_timeout`.

        Example:
            ```python
            database = directory / "plant.bim"
            await client.download_checkpoint(imodel_id, database, kind="v2", keep_block_list=True)
            updated = await client.update_checkpoint(imodel_id, database)
            print(updated.downloaded_blocks, updated.reused_blocks)
            ```

        Service operations: Get Changeset Checkpoint, Get iModel Changesets, Get iModel Changeset Details, Get iModel
        Named Versions, Get iModel Named Version Details.
        """
        limit = TimeLimit(timeout, f"the update of a checkpoint of iModel {imodel_id}")
        settings = rules.DownloadSettings(
            target=database if target is None else target,
            limit=limit,
            progress=progress,
            check=check,
            keep_block_list=True,
            old=database,
            block_list=block_list,
        )
        session = self._session.within(limit)
        sources = workflows.AsyncCheckpointSources(
            session, imodel_id, kind="v2", preceding=preceding, timeout=checkpoint_timeout
        )
        return await workflows.AsyncCheckpointDownload(session, sources, settings).run(changeset, named_version)

    async def create_imodel(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: Literal[True] = True,
        timeout: float = 600.0,
    ) -> IModel:
        """Create an empty iModel and wait until it is ready.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.
            wait: Deprecated: False returns what `begin_create_imodel()` returns, with a `DeprecationWarning`.
            timeout: Seconds to wait, 600 by default; 0 checks once.

        Returns:
            The iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: The iTwin does not exist.
            OperationFailed: The service could not create the iModel; the error's `state` says why.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again with `wait_for_imodel()`.

        Example:
            ```python
            imodel = await client.create_imodel(itwin_id, "Bridge", description="North of the river")
            ```

        Service operations: Create iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        waiting = workflows.AsyncCreationWait("create_imodel", timeout, wait=wait)
        pending = await self.begin_create_imodel(
            itwin_id,
            name,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        return await waiting.result(pending)

    async def begin_create_imodel(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
    ) -> AsyncPendingIModel:
        """Start creating an empty iModel, without waiting until it is ready.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.

        Returns:
            The pending iModel: `state()` returns the state of its creation, `wait()` the iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: The iTwin does not exist.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            pending = await client.begin_create_imodel(itwin_id, "Bridge")
            imodel = await pending.wait()
            ```

        Service operation: Create iModel.
        """
        new = rules.NewIModel(
            itwin_id=itwin_id,
            name=name,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        return await workflows.AsyncCreation(self._session, new).begin()

    async def create_imodel_from_baseline(
        self,
        itwin_id: str,
        name: str,
        file: str | PathLike[str],
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        replace_unfinished: bool = False,
        wait: Literal[True] = True,
        timeout: float = 600.0,
        progress: ProgressCallback | None = None,
    ) -> IModel:
        """Create an iModel from a baseline file, and wait until it is ready.

        The service returns the upload link only once. An interruption before the upload is complete therefore leaves an
        iModel that has the name but no content; a note on the error contains its id. Calling this again raises
        `AlreadyExists`, or with `replace_unfinished` deletes that iModel and starts over.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            file: The baseline file: a complete SQLite database that is not open in any program.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.
            replace_unfinished: Whether to first delete an existing iModel with this name if it has no baseline,
                that is, if it is still waiting for its file or its creation failed. An iModel that is ready or being
                created is never deleted. Do not use this if someone else might be uploading an iModel with this name.
                Requires `imodels_delete`.
            wait: Deprecated: False returns what `begin_create_imodel_from_baseline()` returns, with a
                `DeprecationWarning`.
            timeout: Seconds to wait after the upload, 600 by default; 0 checks once.
            progress: Called, possibly from a worker thread, with the number of bytes uploaded and the size of the file.

        Returns:
            The iModel.

        Raises:
            AlreadyExists: The name is already in use; if the existing iModel is visible to the caller, a note on the
                error describes it.
            Conflict: The uploaded file does not have the announced size (`DataConflict`).
            Forbidden: The caller may not create iModels in the iTwin, or may not delete the unfinished one.
            InvalidFile: The file is not a SQLite database or is in use; nothing was sent.
            NotFound: The iTwin does not exist.
            OperationFailed: The service could not create the iModel; the error's `state` says why.
            TransferError: The upload failed.
            UnreadableFile: The file cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again with `wait_for_imodel()`.

        Example:
            ```python
            imodel = await client.create_imodel_from_baseline(itwin_id, "Stadium", baseline_file)
            ```

        Service operations: Create iModel, Complete iModel Baseline File Upload, Get iModel Baseline File Details, Get
        iModel Details; Get iTwin iModels if the name is taken; Delete iModel with `replace_unfinished`.
        """
        waiting = workflows.AsyncCreationWait("create_imodel_from_baseline", timeout, wait=wait)
        pending = await self.begin_create_imodel_from_baseline(
            itwin_id,
            name,
            file,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
            replace_unfinished=replace_unfinished,
            progress=progress,
        )
        return await waiting.result(pending)

    async def begin_create_imodel_from_baseline(
        self,
        itwin_id: str,
        name: str,
        file: str | PathLike[str],
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        replace_unfinished: bool = False,
        progress: ProgressCallback | None = None,
    ) -> AsyncPendingIModel:
        """Create an iModel from a baseline file and upload the file, without waiting until the iModel is ready.

        The service returns the upload link only once. An interruption before the upload is complete therefore leaves an
        iModel that has the name but no content; a note on the error contains its id. Calling this again raises
        `AlreadyExists`, or with `replace_unfinished` deletes that iModel and starts over.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            file: The baseline file: a complete SQLite database that is not open in any program.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.
            replace_unfinished: Whether to first delete an existing iModel with this name if it has no baseline,
                that is, if it is still waiting for its file or its creation failed. An iModel that is ready or being
                created is never deleted. Do not use this if someone else might be uploading an iModel with this name.
                Requires `imodels_delete`.
            progress: Called, possibly from a worker thread, with the number of bytes uploaded and the size of the file.

        Returns:
            The pending iModel: `state()` returns the state of its creation, `wait()` the iModel.

        Raises:
            AlreadyExists: The name is already in use; if the existing iModel is visible to the caller, a note on the
                error describes it.
            Conflict: The uploaded file does not have the announced size (`DataConflict`).
            Forbidden: The caller may not create iModels in the iTwin, or may not delete the unfinished one.
            InvalidFile: The file is not a SQLite database or is in use; nothing was sent.
            NotFound: The iTwin does not exist.
            TransferError: The upload failed.
            UnreadableFile: The file cannot be read; nothing was sent.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            pending = await client.begin_create_imodel_from_baseline(itwin_id, "Stadium", baseline_file)
            imodel = await pending.wait()
            ```

        Service operations: Create iModel, Complete iModel Baseline File Upload, Get iModel Baseline File Details; Get
        iTwin iModels if the name is taken; Delete iModel with `replace_unfinished`.
        """
        new = rules.NewIModel(
            itwin_id=itwin_id,
            name=name,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        return await workflows.AsyncCreation(self._session, new).begin_from_baseline(
            file, replace_unfinished=replace_unfinished, progress=progress
        )

    async def create_imodel_from_template(
        self,
        itwin_id: str,
        name: str,
        template_id: str,
        *,
        changeset_id: str | None = None,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: Literal[True] = True,
        timeout: float = 600.0,
    ) -> IModel:
        """Create an iModel from the state of another iModel, without its history, and wait until it is ready.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to, in the same data center as the template.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            template_id: Id of the iModel to copy; requires `imodels_read` on it.
            changeset_id: The last changeset of the template to include, 40 hexadecimal digits; None includes only the
                baseline.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.
            wait: Deprecated: False returns what `begin_create_imodel_from_template()` returns, with a
                `DeprecationWarning`.
            timeout: Seconds to wait, 600 by default; 0 checks once.

        Returns:
            The iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: The iTwin, the template or the changeset does not exist.
            NotInitialized: The template itself is still being created.
            OperationFailed: The service could not create the iModel; the error's `state` says why.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again with `wait_for_imodel()`.

        Example:
            ```python
            imodel = await client.create_imodel_from_template(itwin_id, "Bridge, second lot", imodel_id)
            ```

        Service operations: Create iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        waiting = workflows.AsyncCreationWait("create_imodel_from_template", timeout, wait=wait)
        pending = await self.begin_create_imodel_from_template(
            itwin_id,
            name,
            template_id,
            changeset_id=changeset_id,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        return await waiting.result(pending)

    async def begin_create_imodel_from_template(
        self,
        itwin_id: str,
        name: str,
        template_id: str,
        *,
        changeset_id: str | None = None,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
    ) -> AsyncPendingIModel:
        """Start creating an iModel from the state of another iModel, without its history.

        Args:
            itwin_id: Id of the iTwin that the iModel will belong to, in the same data center as the template.
            name: Name of the new iModel, 1 to 255 characters, unique within the iTwin.
            template_id: Id of the iModel to copy; requires `imodels_read` on it.
            changeset_id: The last changeset of the template to include, 40 hexadecimal digits; None includes only the
                baseline.
            description: Description of the new iModel, at most 255 characters; None for no description.
            extent: The area on Earth that it covers; None if unknown.
            containers_enabled: The kinds of containers to enable for it; None uses the default of the service.
            horizontal_crs_id: Id of its horizontal coordinate reference system, such as `EPSG:3857`; None sets none.

        Returns:
            The pending iModel: `state()` returns the state of its creation, `wait()` the iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: The iTwin, the template or the changeset does not exist.
            NotInitialized: The template itself is still being created.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            pending = await client.begin_create_imodel_from_template(itwin_id, "Bridge, second lot", imodel_id)
            imodel = await pending.wait()
            ```

        Service operation: Create iModel.
        """
        new = rules.NewIModel(
            itwin_id=itwin_id,
            name=name,
            description=description,
            extent=extent,
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        return await workflows.AsyncCreation(self._session, new).begin(rules.template_of(template_id, changeset_id))

    async def clone_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        wait: Literal[True] = True,
        timeout: float = 600.0,
    ) -> IModel:
        """Copy an iModel with its baseline and changesets, and wait until the copy is ready.

        The baseline, the extent and the changesets are copied; Named Versions, locks and permissions are not. The copy
        is not linked to the original.

        Args:
            imodel_id: Id of the iModel to copy.
            itwin_id: Id of the iTwin of the copy.
            name: Name of the copy, 1 to 255 characters, unique within the iTwin; defaults to the name of the original.
            description: Description of the copy, at most 255 characters; defaults to the description of the original.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the copy; None uses the default of the service.
            wait: Deprecated: False returns what `begin_clone_imodel()` returns, with a `DeprecationWarning`.
            timeout: Seconds to wait, 600 by default; 0 checks once. Copying a long history can take longer than the
                default.

        Returns:
            The copy.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the original or of the copy.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The original itself is still being created.
            OperationFailed: The service could not create the copy; the error's `state` says why.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again with `wait_for_imodel()`.

        Example:
            ```python
            copy = await client.clone_imodel(imodel_id, itwin_id, name="Bridge, a copy for experiments")
            ```

        Service operations: Clone iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        waiting = workflows.AsyncCreationWait("clone_imodel", timeout, wait=wait)
        pending = await self.begin_clone_imodel(
            imodel_id,
            itwin_id,
            name=name,
            description=description,
            changeset=changeset,
            containers_enabled=containers_enabled,
        )
        return await waiting.result(pending)

    async def begin_clone_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
    ) -> AsyncPendingIModel:
        """Start copying an iModel with its baseline and changesets, without waiting until the copy is ready.

        The baseline, the extent and the changesets are copied; Named Versions, locks and permissions are not. The copy
        is not linked to the original.

        Args:
            imodel_id: Id of the iModel to copy.
            itwin_id: Id of the iTwin of the copy.
            name: Name of the copy, 1 to 255 characters, unique within the iTwin; defaults to the name of the original.
            description: Description of the copy, at most 255 characters; defaults to the description of the original.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the copy; None uses the default of the service.

        Returns:
            The pending copy: `state()` returns the state of its creation, `wait()` the iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the original or of the copy.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The original itself is still being created.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            pending = await client.begin_clone_imodel(imodel_id, itwin_id, name="Bridge, a copy to test")
            copy = await pending.wait()
            ```

        Service operation: Clone iModel.
        """
        copied = await self.imodels.clone(
            imodel_id,
            itwin_id,
            name=name,
            description=description,
            changeset=changeset,
            containers_enabled=containers_enabled,
        )
        return workflows.AsyncPendingIModel(self._session, copied.imodel_id)

    async def fork_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
        wait: Literal[True] = True,
        timeout: float = 600.0,
    ) -> IModel:
        """Fork an iModel, that is, create a copy that stays linked to it, and wait until the fork is ready.

        The baseline and the extent are always copied. Every element of the main iModel must have a FederationGuid;
        merging the fork back requires the same of the fork. As of August 2024, the service allows only selected
        applications to create forks.

        Args:
            imodel_id: Id of the main iModel.
            itwin_id: Id of the iTwin of the fork.
            name: Name of the fork, 1 to 255 characters, unique within the iTwin; defaults to the name of the main
                iModel.
            description: Description of the fork, at most 255 characters; defaults to the description of the main
                iModel.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the fork; None uses the default of the service.
            preserve_history: Whether to copy the changesets one by one; by default, they are merged into the baseline.
            wait: Deprecated: False returns what `begin_fork_imodel()` returns, with a `DeprecationWarning`.
            timeout: Seconds to wait, 600 by default; 0 checks once. Copying a long history can take longer than the
                default.

        Returns:
            The fork.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the main iModel or of the fork.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The main iModel itself is still being created.
            OperationFailed: The service could not create the fork; the error's `state` says why, such as
                `mainIModelIsMissingFederationGuids`.
            ValueError: An argument is invalid; nothing was sent.
            WaitTimeout: It was not ready in time. It may still become ready: wait again with `wait_for_imodel()`.

        Example:
            ```python
            fork = await client.fork_imodel(imodel_id, itwin_id, name="Bridge, variant B", preserve_history=True)
            ```

        Service operations: Fork iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        waiting = workflows.AsyncCreationWait("fork_imodel", timeout, wait=wait)
        pending = await self.begin_fork_imodel(
            imodel_id,
            itwin_id,
            name=name,
            description=description,
            changeset=changeset,
            containers_enabled=containers_enabled,
            preserve_history=preserve_history,
        )
        return await waiting.result(pending)

    async def begin_fork_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
    ) -> AsyncPendingIModel:
        """Start forking an iModel, that is, creating a copy that stays linked to it.

        The baseline and the extent are always copied. Every element of the main iModel must have a FederationGuid;
        merging the fork back requires the same of the fork. As of August 2024, the service allows only selected
        applications to create forks.

        Args:
            imodel_id: Id of the main iModel.
            itwin_id: Id of the iTwin of the fork.
            name: Name of the fork, 1 to 255 characters, unique within the iTwin; defaults to the name of the main
                iModel.
            description: Description of the fork, at most 255 characters; defaults to the description of the main
                iModel.
            changeset: Id or index of the last changeset to copy; 0 copies only the baseline. By default, all of them.
            containers_enabled: The kinds of containers to enable for the fork; None uses the default of the service.
            preserve_history: Whether to copy the changesets one by one; by default, they are merged into the baseline.

        Returns:
            The pending fork: `state()` returns the state of its creation, `wait()` the iModel.

        Raises:
            AlreadyExists: The name is already in use.
            Forbidden: The caller lacks `imodels_manage` in the iTwin of the main iModel or of the fork.
            NotFound: The iModel, the iTwin or the changeset does not exist.
            NotInitialized: The main iModel itself is still being created.
            ValueError: An argument is invalid; nothing was sent.

        Example:
            ```python
            pending = await client.begin_fork_imodel(imodel_id, itwin_id, name="Bridge, variant B")
            fork = await pending.wait()
            ```

        Service operation: Fork iModel.
        """
        copied = await self.imodels.fork(
            imodel_id,
            itwin_id,
            name=name,
            description=description,
            changeset=changeset,
            containers_enabled=containers_enabled,
            preserve_history=preserve_history,
        )
        return workflows.AsyncPendingIModel(self._session, copied.imodel_id)

    async def wait_for_imodel(self, imodel_id: str, *, timeout: float = 600.0) -> IModel:
        """Wait until an iModel is ready, regardless of how and by whom it was created.

        Args:
            imodel_id: Id of the iModel.
            timeout: Seconds to wait, 600 by default; 0 checks once.

        Returns:
            The iModel.

        Raises:
            NotFound: The iModel does not exist.
            OperationFailed: The service could not create it; the error's `state` says why.
            WaitTimeout: It was not ready in time. It may still become ready, unless its baseline file has not been
                uploaded.

        Example:
            ```python
            pending = await client.begin_create_imodel(itwin_id, "Tunnel")
            imodel = await client.wait_for_imodel(pending.imodel_id, timeout=60)
            ```

        Service operations: Get Create iModel Operation Details, Get iModel Details.
        """
        pending = workflows.AsyncPendingIModel(self._session, checks.identifier("imodel_id", imodel_id))
        return await pending.wait(timeout=timeout)

    async def aclose(self) -> None:
        """Close the connections, and stop the hub of a client created by `local()`."""
        if not self._owns_pool:
            return
        await self._session.pool.aclose()
        if self._hub is not None:
            self._hub.stop()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.aclose()

    def __repr__(self) -> str:
        """Return the class and the API's URL, without credentials."""
        return f"{type(self).__name__}(base_url={self.base_url!r})"
