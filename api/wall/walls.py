"""The walls of one process, by client: each runs as long as somebody looks at it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from api.deps import Services
from api.wall.client_wall import ClientWall, Viewer
from api.wall.keys import Audience

log = structlog.get_logger()

#: A wall goes on for so long after its last viewer: a page that is loaded anew finds its numbers again.
LINGER_S = 20.0


class Walls:
    """All walls that are watched in this process."""

    def __init__(self, services: Services) -> None:
        """Watch nothing yet."""
        self._services = services
        self._walls: dict[UUID, ClientWall] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._leaving: dict[UUID, asyncio.TimerHandle] = {}
        self.linger_s = LINGER_S

    @asynccontextmanager
    async def viewer(
        self, client_id: UUID, audience: Audience
    ) -> AsyncIterator[tuple[ClientWall, Viewer]]:
        """Watch a client's wall for as long as the block runs."""
        wall = self._walls.setdefault(client_id, ClientWall(self._services, client_id))
        viewer = Viewer(audience)
        wall.viewers.add(viewer)
        self.keep_running(client_id)
        try:
            yield wall, viewer
        finally:
            wall.viewers.discard(viewer)
            if not wall.viewers:
                loop = asyncio.get_running_loop()
                self._leaving[client_id] = loop.call_later(self.linger_s, self._leave, client_id)

    def keep_running(self, client_id: UUID) -> None:
        """Start what looks, unless it runs."""
        leaving = self._leaving.pop(client_id, None)
        if leaving is not None:
            leaving.cancel()
        task = self._tasks.get(client_id)
        if task is None or task.done():
            task = asyncio.create_task(self._walls[client_id].run())
            task.add_done_callback(_tell_failure)
            self._tasks[client_id] = task

    async def close(self) -> None:
        """End all of them at once, whoever watches."""
        for leaving in self._leaving.values():
            leaving.cancel()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _leave(self, client_id: UUID) -> None:
        self._leaving.pop(client_id, None)
        wall = self._walls.get(client_id)
        if wall is not None and not wall.viewers:
            del self._walls[client_id]
            self._tasks.pop(client_id).cancel()


def _tell_failure(task: asyncio.Task[None]) -> None:
    """Log why a wall stopped; the next viewer that waits starts it again."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("wall.failed", exc_info=error)
