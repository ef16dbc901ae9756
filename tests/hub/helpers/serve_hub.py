"""Serves a hub from the folder that is given, in a process of its own, and writes down the port."""

import asyncio
import sys
from pathlib import Path

import uvicorn

from itwin_imodels_hub.app import create_app


async def serve(folder: Path) -> None:
    """Serve until the end of the process."""
    server = uvicorn.Server(uvicorn.Config(create_app(data_dir=folder), host="127.0.0.1", port=0, log_level="warning"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server tells in no other way
        await asyncio.sleep(0.01)
    sys.stdout.write(f"{server.servers[0].sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await task


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
