"""Links to files in object storage."""

import attrs

from itwin_imodels._core.secrets import shown_url, without_query


@attrs.frozen(kw_only=True)
class StorageLink:
    """A signed link to a file in object storage. It is valid for a limited time, and requires no token.

    Links to the same file are equal even if their signatures differ.

    Attributes:
        href: URL to upload the file to or to download it from. Its query is secret, so `repr` omits it.
        storage_type: The type of storage, such as `azure` or `google`.
    """

    href: str = attrs.field(repr=shown_url, eq=without_query)
    storage_type: str
