"""Serve a hub with a given folder and database in a separate process, and write the port to standard output."""

import asyncio
import sys
from pathlib import Path

import uvicorn

from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.identity import DEMO_USERS
from itwin_imodels_hub.serving.app import Site


async def serve(folder: Path, database: str | None) -> None:
    """Serve until the end of the process."""
    application = Site(Hub(data_dir=folder, database=database, users=DEMO_USERS)).application()
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server has no event for this
        await asyncio.sleep(0.01)
    sys.stdout.write(f"{server.servers[0].sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await task


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), next(iter(sys.argv[2:]), None)))
