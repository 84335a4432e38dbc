"""The wall, the campaign's board and the plain counts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from httpx import AsyncClient

from campaigns.wall.reading import RECENT, CampaignFigures, Reader
from campaigns.wall.sums import Ends
from tests.e2e.reports_agree import differences
from tests.plain_counts import PlainCounts, figure

_STATES = ("on_call", "wrap_up", "ready", "reserved", "connecting", "paused")
_SHOWN = (
    *("attempts", "persons", "connected", "answer_rate", "service_level", "lost_rate"),
    *("abandoned_rate", "asa", "aht", "occupancy", "forms_complete", "forms_per_hour", "successes"),
)
_LISTS = """
SELECT c.list_id::text AS list, count(*) AS leads, count(*) FILTER (WHERE l.state = 'done') AS done,
       count(*) FILTER (WHERE EXISTS (SELECT FROM attempt a WHERE a.lead_id = l.id)) AS tried
FROM lead l JOIN contact c ON c.id = l.contact_id WHERE l.campaign_id = :campaign GROUP BY 1
"""
_ENDS = """
SELECT {0}::text AS line, count(*) AS calls, count(answered_at) AS answered,
       count(*) FILTER (WHERE outcome IN ('congestion', 'no_response', 'not_sent', 'unreachable'))
           AS failed
FROM attempt WHERE campaign_id = :campaign AND started_at >= :since AND started_at < :until
  AND ended_at IS NOT NULL GROUP BY 1
"""
# Forms that are saved more than two hours after their call began are not of the wall's last hour.
_FORMS = """
SELECT count(DISTINCT i.id) AS forms FROM interview i
JOIN interview_call k ON k.interview_id = i.id JOIN attempt a ON a.id = k.attempt_id
WHERE a.campaign_id = :campaign AND i.ending = 'complete' AND i.ended_at > :since
  AND a.connected_at IS NOT NULL AND a.started_at >= :begun
"""


async def of_today(plain: PlainCounts, midnight: datetime) -> dict[str, dict[str, int]]:
    """Return the plain counts of each campaign since midnight."""
    since = f"started_at >= timestamptz '{midnight.isoformat()}'"
    calls = await plain.calls("campaign", where=since)
    times = await plain.times("campaign", where=f"since >= timestamptz '{midnight.isoformat()}'")
    return {
        key[0]: {**times.get(key, {}), **calls.get(key, {})} for key in calls.keys() | times.keys()
    }


async def compare_reader(
    plain: PlainCounts, reader: Reader, midnight: datetime, now: datetime
) -> tuple[int, list[str]]:
    """Compare what the wall counted, to the last millisecond."""
    due = {(one,): counts for one, counts in (await of_today(plain, midnight)).items()}
    found = {(str(one),): shown.day.counts() for one, shown in reader.figures.items()}
    names = {name for counts in found.values() for name in counts} - {"offline_ms"}
    names &= {name for counts in due.values() for name in counts}
    assert {"attempts", "talk_ms", "on_call_ms", "forms_complete", "taken_in_time"} <= names
    wrong = differences(["wall"], found, due, names)
    compared = len(found) * len(names)
    for one, shown in reader.figures.items():
        wrong += await _stocks(plain, one, shown)
        wrong += await _lines(plain, one, shown, max(midnight, now - RECENT), now)
        compared += 3 * (len(shown.lists) + len(shown.trunks) + len(shown.callers))
    return compared, wrong


async def _stocks(plain: PlainCounts, one: UUID, shown: CampaignFigures) -> list[str]:
    rows = await plain.rows(_LISTS, campaign=one)
    due = {(row["list"],): {k: row[k] for k in ("leads", "done", "tried")} for row in rows}
    found = {
        (str(had.list_id),): {"leads": had.leads, "done": had.done, "tried": had.tried}
        for had in shown.lists
    }
    return differences(["wall's lists"], found, due, ("leads", "done", "tried"))


async def _lines(
    plain: PlainCounts, one: UUID, shown: CampaignFigures, since: datetime, until: datetime
) -> list[str]:
    wrong: list[str] = []
    known: tuple[tuple[str, Mapping[Any, tuple[Ends, Ends]]], ...] = (
        ("trunk_id", shown.trunks), ("caller_id", shown.callers),
    )  # fmt: skip
    for column, lines in known:
        rows = await plain.rows(
            _ENDS.format(column), campaign=one, since=since, until=until
        )  # the last quarter of an hour
        due = {(row["line"],): {k: row[k] for k in ("calls", "answered", "failed")} for row in rows}
        found = {
            (str(key),): {"calls": ends.calls, "answered": ends.answered, "failed": ends.failed}
            for key, (ends, _) in lines.items()
        }
        wrong += differences([f"wall's {column}"], found, due, ("calls", "answered", "failed"))
    return wrong


async def compare_page(
    plain: PlainCounts, rows: Mapping[str, Mapping[str, Any]], midnight: datetime, now: datetime
) -> tuple[int, list[str]]:
    """Compare what a viewer's page was sent."""
    compared, wrong = 0, list[str]()
    for campaign, counts in (await of_today(plain, midnight)).items():
        row = rows[f"c/{campaign}"]
        for name in _SHOWN:
            wanted = figure(name, counts, rate=Decimal(0), tariff=Decimal(0))
            wanted = None if wanted is None else round(wanted, 4)
            compared += 1
            if _number(row[name]) != wanted:
                wrong.append(f"page {campaign}: {name} is {row[name]}, not {wanted}")
        forms = await plain.rows(
            _FORMS,
            campaign=UUID(campaign),
            since=now - timedelta(hours=1),
            begun=now - timedelta(hours=3),
        )
        if row["forms_hour"] != forms[0]["forms"]:
            wrong.append(f"page {campaign}: forms {row['forms_hour']}, not {forms[0]['forms']}")
    return compared, wrong


def _number(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), 4)


async def compare_board(api: AsyncClient, plain: PlainCounts) -> tuple[int, list[str]]:
    """Compare a campaign's own figures, from its first call on, as its board and the API show them."""
    compared, wrong = 0, list[str]()
    calls, times = await plain.calls("campaign"), await plain.times("campaign")
    outcomes = await plain.calls("campaign", "outcome")
    for (campaign,), due in calls.items():
        got = (await api.get(f"/api/v1/campaigns/{campaign}/figures")).json()
        shown, agents = got["calls"], got["agents"]["seconds"]
        pairs: list[tuple[str, Any, Any]] = [
            ("attempts", shown["attempts"], due["attempts"]),
            ("answered", shown["answered"], due["answered"]),
            ("persons", shown["answered_by_person"], due["persons"]),
            ("lost", shown["abandoned"], due["lost"]),
            ("connected", shown["connected"], due["connected"]),
            ("talk", _number(shown["talk_total_s"]), _number(Decimal(due["talk_ms"]) / 1000)),
            *(
                (f"outcome {name}", shown["by_outcome"].get(name, 0), counts["attempts"])
                for (owner, name), counts in outcomes.items()
                if owner == campaign
            ),
            *(
                (state, _number(agents.get(state, 0)), _number(Decimal(spent) / 1000))
                for state in _STATES
                for spent in (times[campaign,][f"{state}_ms"],)
            ),
            *await _leads(plain, UUID(campaign), got["leads"]),
        ]
        compared += len(pairs)
        wrong += [
            f"board {campaign}: {name} is {had}, not {wanted}"
            for name, had, wanted in pairs
            if had != wanted
        ]
    return compared, wrong


async def _leads(
    plain: PlainCounts, campaign: UUID, shown: Mapping[str, Any]
) -> list[tuple[str, Any, Any]]:
    rows = await plain.rows(
        "SELECT state, count(*) AS n FROM lead WHERE campaign_id = :c GROUP BY 1", c=campaign
    )
    results = await plain.rows(
        "SELECT result, count(*) AS n FROM lead WHERE campaign_id = :c AND result IS NOT NULL"
        " GROUP BY 1",
        c=campaign,
    )
    return [
        ("leads", shown["total"], sum(row["n"] for row in rows)),
        ("by state", shown["by_state"], {row["state"]: row["n"] for row in rows}),
        ("by result", shown["by_result"], {row["result"]: row["n"] for row in results}),
    ]
