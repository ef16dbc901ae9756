"""Applications."""

import attrs


@attrs.frozen(kw_only=True)
class Application:
    """The application through which something was done.

    Attributes:
        id: Its client id.
        name: Its name; None if unknown.
    """

    id: str
    name: str | None
