"""Retention: tries, and dead letters whose events are gone, are not kept for ever."""

from datetime import timedelta

from sqlmodel import col, delete

from campaigns.webhooks.models import WebhookDead, WebhookTry
from dialer.clock import Clock
from dialer.db import SessionFactory, affected, transaction

#: The log of tries is for finding what is wrong now.
KEEP_TRIES = timedelta(days=14)


async def let_go(sessions: SessionFactory, clock: Clock, keep: timedelta) -> int:
    """Delete old tries, and dead letters older than events are kept; return how many rows went."""
    now = clock.now()
    async with transaction(sessions) as session:
        tries = await session.execute(
            delete(WebhookTry).where(col(WebhookTry.ended_at) < now - KEEP_TRIES)
        )
        dead = await session.execute(
            delete(WebhookDead).where(col(WebhookDead.given_up_at) < now - keep)
        )
        return affected(tries) + affected(dead)
