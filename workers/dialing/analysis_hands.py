"""What a call's machine asks for about answering machines, done: listening, waiting, leaving a message."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import structlog

from campaigns.abandon_messages import Listener
from campaigns.amd.verdicts import NewVerdict
from campaigns.settings import CampaignSettings
from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.gateway import Gateway, Prompt
from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.recorded import greeting_name, is_for_review, keeps_greeting
from dialer.call.states import Call
from dialer.call.verdicts import Treatment, Verdict
from workers.dialing import metrics
from workers.dialing.floor import Floor
from workers.dialing.writer import Writer

log = structlog.get_logger()


@dataclass(slots=True)
class AnalysisHands:
    """Hands of one campaign's calls for everything that has to do with machines."""

    floor: Floor
    gateway: Gateway
    writer: Writer
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    on_audit: Callable[[Call], None] = lambda _call: None  #: an agent is to be asked
    recordings_dir: str = ""  #: as Asterisk names it

    def execute(self, call: Call, command: do.CallCommand, settings: CampaignSettings) -> None:
        """Execute one command of a call.

        Raises:
            TypeError: it is not about machines.
        """
        match command:
            case do.StartAnalysis():
                self.spawn(self._start(call, settings))
            case do.EndAnalysis():
                self.spawn(self._end(call.id))
            case do.StoreVerdict():
                self._store(call)
            case do.AwaitGreetingEnd():
                self.spawn(self._await_end(call, settings))
            case do.LeaveMessage():
                self.spawn(self._leave(call, settings))
            case _:
                raise TypeError(f"{type(command).__name__} is none of ours")

    async def _start(self, call: Call, settings: CampaignSettings) -> None:
        try:
            if settings.amd is not None:
                arguments = settings.amd.arguments(call.language)
                await self.gateway.start_analysis(call.id, arguments, self._file(call))
                return
            cause = "switched_off"
        except (AriRefused, AriUnavailable) as error:
            cause = error.code
        log.warning("analysis.not_started", call_id=str(call.id), error=cause)
        failed = ev.AnalysisFinished(self.floor.clock.now(), Verdict.FAILED, cause)
        self.floor.feed_call(call.id, failed)

    def _file(self, call: Call) -> str | None:
        """Return where Asterisk keeps what it hears; None: nowhere."""
        if not keeps_greeting(call):
            return None
        return str(PurePosixPath(self.recordings_dir) / greeting_name(call.id))

    async def _end(self, call_id: UUID) -> None:
        try:
            await self.gateway.end_analysis(call_id)
        except (AriRefused, AriUnavailable) as error:  # reconciliation finds it
            log.warning("analysis.not_ended", call_id=str(call_id), error=error.code)

    def _store(self, call: Call) -> None:
        assert call.verdict is not None  # noqa: S101 - the machine sets all with this command
        assert call.treatment is not None  # noqa: S101
        assert call.verdict_at is not None  # noqa: S101
        self.ask(call)
        since = call.answered_at or call.verdict_at
        analysed_ms = round((call.verdict_at - since).total_seconds() * 1000)
        metrics.VERDICTS.labels(call.verdict.value, call.treatment.value).inc()
        log.info(
            "analysis.finished",
            call_id=str(call.id),
            verdict=call.verdict.value,
            treatment=call.treatment.value,
            cause=call.verdict_cause,
            analysed_ms=analysed_ms,
        )
        self.writer.add(
            NewVerdict(
                attempt_id=call.id,
                verdict=call.verdict,
                treatment=call.treatment,
                cause=call.verdict_cause,
                analysed_ms=max(0, analysed_ms),
                found_at=call.verdict_at,
                message_bar=call.message_bar,
                for_review=is_for_review(call),
            )
        )

    def ask(self, call: Call) -> None:
        """Have the agent of an audited call asked what it is."""
        if call.treatment is Treatment.AUDITED:
            self.on_audit(call)

    async def _await_end(self, call: Call, settings: CampaignSettings) -> None:
        try:
            if settings.amd is not None:
                await self.gateway.await_greeting_end(call.id, settings.amd.silence_arguments())
                return
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.greeting_not_awaited", call_id=str(call.id), error=error.code)
        self.floor.feed_call(call.id, ev.GreetingOver(self.floor.clock.now(), silent=False))

    async def _leave(self, call: Call, settings: CampaignSettings) -> None:
        try:
            listener = Listener(call.language, call.caller_id)
            media = settings.amd.message(listener) if settings.amd is not None else ""
            if media:
                await self.gateway.play_message(call.id, Prompt(media, call.language))
                return
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.message_not_left", call_id=str(call.id), error=error.code)
        self.floor.feed_call(call.id, ev.MessageFinished(self.floor.clock.now(), heard=False))
