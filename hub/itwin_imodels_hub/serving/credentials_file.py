"""The file in a data folder with the tokens and secrets of a hub, for its operator."""

import json
from pathlib import Path

from itwin_imodels_hub.basis.private_files import open_private
from itwin_imodels_hub.serving.local import LocalHub


def secrets_of(hub: LocalHub) -> dict[str, object]:
    """Return the tokens and secrets of a hub by kind."""
    return {
        "tokens": hub.tokens,
        "application_secrets": hub.application_secrets,
        "control_secret": hub.control_secret,
    }


def write_credentials(hub: LocalHub) -> Path:
    """Write the tokens and secrets of a hub to a file in its data folder that only its owner can read; return its path.

    Raises:
        OSError: The file cannot be written.
    """
    path = hub.hub.folder / "credentials.json"
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open_private(unfinished, "xb") as file:
        file.write(json.dumps(secrets_of(hub), indent=2).encode())
    unfinished.replace(path)
    return path
