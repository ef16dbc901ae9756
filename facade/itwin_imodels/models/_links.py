"""Links to files in object storage."""

import attrs

from itwin_imodels._core.secrets import shown_url, without_query


@attrs.frozen(kw_only=True)
class StorageLink:
    """A pre-signed link to a file in object storage. It works for some minutes and needs no token.

    Links to the same file are equal, whatever their signatures.

    Attributes:
        href: Where to send the file, or where it is. Its query is a secret, so `repr` leaves it out.
        storage_type: The kind of storage: `azure`, `google`; kinds that are new to this client pass through.
    """

    href: str = attrs.field(repr=shown_url, eq=without_query)
    storage_type: str
