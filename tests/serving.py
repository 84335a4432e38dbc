"""The application on a port of this machine, for a browser or a program."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from api.main import stop_watching
from tests.world import until


@asynccontextmanager
async def serve(app: FastAPI) -> AsyncIterator[str]:
    """Yield the application's address; at the end nobody is answered any more, streams neither.

    A stream that went on would look for Redis after its test, and its connection would fail another one.
    """
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the application is served")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
        answering = list(server.server_state.tasks)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        await stop_watching(app)
