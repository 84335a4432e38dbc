"""Do the books balance? What the database says against what the carrier says."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.simulator.sip.carrier_log import read_log


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the balance."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class CarrierSays:
    """What the carrier counted: INVITEs by number, and numbers it ever had twice at once."""

    invites: Counter[str]
    twice_at_once: frozenset[str] | None  #: None: its log does not tell when calls end


def read_carrier(log: Path, *, simulated: bool) -> CarrierSays:
    """Read the carrier's own log, of SIP or of the simulator."""
    if simulated:
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return CarrierSays(Counter(json.loads(line)["number"] for line in lines), None)
    book = read_log(log)
    return CarrierSays(book.invites(), book.called_twice_at_once())


async def check_books(
    session: AsyncSession,
    campaign_id: UUID,
    carrier: CarrierSays,
    live_channels: int | None,
    *,
    simulated: bool,
) -> list[Check]:
    """Return every check of the balance, held or not.

    ``live_channels`` is what Asterisk says, None when it could not be asked; the ARI simulator
    (``simulated``) is not asked.
    """
    facts = {"c": campaign_id}
    rows = (await session.execute(text(_DIALLED), facts)).all()
    dialled = Counter({row.e164: row.n for row in rows})
    interrupted = Counter({row.e164: row.interrupted for row in rows})
    counts = (await session.execute(text(_COUNTS), facts)).one()
    checks = [*_own_checks(counts), *carrier_checks(dialled, interrupted, carrier)]
    if not simulated:
        checks.append(channel_check(live_channels))
    return checks


def channel_check(live_channels: int | None) -> Check:
    """Return the check of the channels Asterisk has left; what it did not say does not hold."""
    left = "Asterisk could not be asked" if live_channels is None else f"{live_channels} left"
    return Check("no channel is left in Asterisk", live_channels == 0, left)


def _own_checks(counts: Row[Any]) -> list[Check]:
    """Return the checks of our books against themselves."""
    rows = counts.rows_in == counts.accepted + counts.refused
    kept = counts.accepted == counts.contacts and counts.refused == counts.refused_rows
    return [
        Check(
            "rows in = accepted + refused",
            rows and kept,
            f"{counts.rows_in} = {counts.accepted} + {counts.refused}",
        ),
        Check(
            "every lead is done or waits",
            counts.leads == counts.settled == counts.contacts,
            f"{counts.settled} of {counts.leads}",
        ),
        Check(
            "every attempt has one outcome",
            counts.attempts == counts.ended,
            f"{counts.ended} of {counts.attempts}",
        ),
        Check(
            "every shift is closed",
            counts.open_sessions == 0 and counts.open_states == 0,
            f"{counts.open_sessions} open",
        ),
    ]


def carrier_checks(
    dialled: Counter[str], interrupted: Counter[str], carrier: CarrierSays
) -> list[Check]:
    """Return the checks of our books against the carrier's.

    ``interrupted`` counts those of the attempts ``dialled`` that a crash may have cut off before
    anything was sent: only they may lack an INVITE.
    """
    never_sent = {number: n - carrier.invites[number] for number, n in dialled.items()}
    differing = sum(1 for n in never_sent if not 0 <= never_sent[n] <= interrupted[n])
    differing += len(carrier.invites.keys() - dialled.keys())
    detail = f"{dialled.total()} = {carrier.invites.total()}, {differing} numbers differ"
    tolerated = sum(n for number, n in never_sent.items() if 0 < n <= interrupted[number])
    if tolerated:
        detail += f"; {tolerated} interrupted before the INVITE"
    checks = [Check("attempts = the carrier's INVITEs, number by number", differing == 0, detail)]
    if carrier.twice_at_once is not None:
        twice = len(carrier.twice_at_once)
        checks.append(Check("no number was called twice at once", twice == 0, f"{twice} were"))
    return checks


# An attempt that Asterisk did not take was never sent: the carrier cannot know of it.
_DIALLED = """
SELECT e164, count(*) AS n, count(*) FILTER (WHERE outcome = 'interrupted') AS interrupted
FROM attempt
WHERE campaign_id = :c AND outcome IS DISTINCT FROM 'not_sent' GROUP BY e164
"""

_COUNTS = """
SELECT (SELECT coalesce(sum(l.rows_in), 0) FROM contact_list l JOIN campaign_list cl
          ON cl.list_id = l.id WHERE cl.campaign_id = :c) AS rows_in,
       (SELECT coalesce(sum(l.rows_accepted), 0) FROM contact_list l JOIN campaign_list cl
          ON cl.list_id = l.id WHERE cl.campaign_id = :c) AS accepted,
       (SELECT coalesce(sum(l.rows_refused), 0) FROM contact_list l JOIN campaign_list cl
          ON cl.list_id = l.id WHERE cl.campaign_id = :c) AS refused,
       (SELECT count(*) FROM contact x JOIN campaign_list cl
          ON cl.list_id = x.list_id WHERE cl.campaign_id = :c) AS contacts,
       (SELECT count(*) FROM refused_row r JOIN campaign_list cl
          ON cl.list_id = r.list_id WHERE cl.campaign_id = :c) AS refused_rows,
       (SELECT count(*) FROM lead WHERE campaign_id = :c) AS leads,
       (SELECT count(*) FROM lead WHERE campaign_id = :c
          AND ((state = 'done' AND result IS NOT NULL)
               OR (state = 'waiting' AND next_attempt_at IS NOT NULL))) AS settled,
       (SELECT count(*) FROM attempt WHERE campaign_id = :c) AS attempts,
       (SELECT count(*) FROM attempt WHERE campaign_id = :c AND outcome IS NOT NULL
          AND ended_at IS NOT NULL) AS ended,
       (SELECT count(*) FROM agent_session WHERE campaign_id = :c
          AND ended_at IS NULL) AS open_sessions,
       (SELECT count(*) FROM agent_state_entry
          WHERE campaign_id = :c AND ended_at IS NULL) AS open_states
"""
