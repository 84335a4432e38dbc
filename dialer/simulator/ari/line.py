"""The requests of one connection, in order."""

from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from dialer.simulator.ari.refusals import Waits
from dialer.simulator.ari.rest import Answer, Request, perform

if TYPE_CHECKING:
    from dialer.simulator.ari.server import AriSimulator

Reply = Callable[[Answer], None]


class Line:
    """The requests of one connection: done strictly one after the other, as Asterisk does."""

    def __init__(self, simulator: "AriSimulator", loop: AbstractEventLoop) -> None:
        self._simulator = simulator
        self._loop = loop
        self._queue: deque[tuple[Request, Reply]] = deque()
        self._is_waiting = False
        self._due_at = 0.0
        self.is_closed = False

    def submit(self, request: Request, reply: Reply) -> None:
        """Take a request; ``reply`` is called when it has been done."""
        self._queue.append((request, reply))
        if not self._is_waiting:
            self._work()

    def _work(self) -> None:
        self._is_waiting = False
        while self._queue and not self.is_closed:
            request, reply = self._queue[0]
            try:
                answer = self._simulator.refusal(request) or perform(self._simulator.world, request)
            except Waits as wait:
                self._is_waiting = True
                wait.playback.waiting.append(self._work)
                return
            self._queue.popleft()
            self._deliver(reply, answer)

    def _deliver(self, reply: Reply, answer: Answer) -> None:
        now = self._loop.time()
        self._due_at = max(self._due_at, now + self._simulator.stall_s)
        if self._due_at <= now:
            reply(answer)
        else:
            self._loop.call_at(self._due_at, reply, answer)
