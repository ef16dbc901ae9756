"""Applications."""

import attrs


@attrs.frozen(kw_only=True)
class Application:
    """The application by which something was done.

    Attributes:
        id: Its client id.
        name: Its name.
    """

    id: str
    name: str | None
