"""The record of a campaign's pacing: each second's decision with its reasons, and what was learned."""

import asyncio
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from campaigns.amd.verdicts import machines_since
from campaigns.pacing import memory
from campaigns.pacing.law import WINDOW_S, pacing_policy, shares_budget
from dialer.db import transaction
from workers.dialing.away import DATABASE_AWAY, is_passing
from workers.dialing.verdict_news import VerdictNews

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

NOTE_EVERY_S = 1.0
TRACE_EVERY_S = 10.0
REMEMBER_EVERY_S = 60.0
VERDICTS_EVERY_S = 5.0
#: Seconds of decisions kept in memory while the database is away; older ones are dropped.
MOST_SECONDS = 3_600
_LONGEST_PIECE = timedelta(seconds=MOST_SECONDS)


class PacingRecord:
    """Writes what one campaign's pacing does, and keeps its policy within the law."""

    def __init__(self, parts: "Assembly") -> None:
        """Record the pacing of ``parts``."""
        self._parts = parts
        self._verdicts = VerdictNews(parts.pacer)
        self._heard_s = float("-inf")
        self._detects = False  #: calls are analysed, or some were
        self._seconds: list[dict[str, Any]] = []
        self._began_at: datetime = parts.clock.now()
        self._placed = 0
        self._traced_s = monotonic()
        self._remembered_s = (
            monotonic() - REMEMBER_EVERY_S
        )  # the shared budget is asked for at once

    async def run(self) -> None:
        """Record for ever."""
        while True:
            self._tighten()
            self._note()
            try:
                await self._store()
            except DATABASE_AWAY as error:
                if not is_passing(error):
                    raise
                log.warning("pacing.not_recorded", error=type(error).__name__)
            await asyncio.sleep(NOTE_EVERY_S)

    async def store_the_rest(self) -> None:
        """Store what is not stored yet: the runner ends."""
        self._traced_s = self._remembered_s = float("-inf")
        await self._store()

    def _tighten(self) -> None:
        """Take over what the settings and the rows that bind the campaign's calls say now."""
        parts = self._parts
        rules = parts.drawing.binding_rules(parts.clock.now())
        policy = pacing_policy(parts.plan.settings, rules)
        parts.pacer.use(self._verdicts.charged(policy, parts.plan.settings))

    def _note(self) -> None:
        parts = self._parts
        if parts.pacer.age_s() > 2 * NOTE_EVERY_S:
            return  # nothing was decided: the campaign is paused, or Asterisk is away
        placed = parts.originator.placed
        self._seconds.append(parts.pacer.second(placed - self._placed))
        self._placed = placed
        del self._seconds[:-MOST_SECONDS]

    async def _store(self) -> None:
        now_s = monotonic()
        if now_s - self._heard_s >= self._hears_every_s():
            await self._hear_verdicts()
            self._heard_s = now_s
        if self._seconds and now_s - self._traced_s >= TRACE_EVERY_S:
            await self._store_trace()
            self._traced_s = now_s
        if now_s - self._remembered_s >= REMEMBER_EVERY_S:
            await self._remember()
            self._remembered_s = now_s

    async def _hear_verdicts(self) -> None:
        parts = self._parts
        since = parts.clock.now() - timedelta(seconds=WINDOW_S)
        async with parts.sessions() as session:
            verdicts = await machines_since(session, parts.owner.campaign_id, since)
        self._verdicts.tell(verdicts)
        self._detects = self._detects or bool(verdicts)

    def _hears_every_s(self) -> float:
        """Return the pause between looks for verdicts, seconds: without detection there are none.

        Where calls were analysed once, people may judge them long after; an earlier owner may store its
        last verdicts a moment after this one's first look.
        """
        self._detects = self._detects or self._parts.plan.settings.amd is not None
        return VERDICTS_EVERY_S if self._detects else REMEMBER_EVERY_S

    async def _store_trace(self) -> None:
        parts, now = self._parts, self._parts.clock.now()
        seconds = list(self._seconds)
        async with transaction(parts.sessions, durable=False) as session:
            self._began_at = max(self._began_at, now - _LONGEST_PIECE)
            await memory.keep_trace(
                session,
                parts.owner.campaign_id,
                parts.owner.client_id,
                seconds,
                began_at=self._began_at,
                ended_at=now,
            )
        del self._seconds[: len(seconds)]
        self._began_at = now

    async def _remember(self) -> None:
        """Keep what was learned, and read what campaigns that share the budget have spent of it."""
        parts, now = self._parts, self._parts.clock.now()
        async with transaction(parts.sessions) as session:
            await memory.remember(
                session,
                parts.owner.campaign_id,
                parts.owner.client_id,
                parts.pacer.learned(),
                now,
            )
            if shares_budget(parts.drawing.binding_rules(now)):
                spent = await memory.answered_elsewhere(
                    session,
                    parts.owner.campaign_id,
                    parts.drawing.keeper.client.clients,
                    parts.pacer.now() - timedelta(seconds=WINDOW_S),
                )
                parts.pacer.share(*spent)
