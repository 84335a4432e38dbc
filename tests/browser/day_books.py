"""What the books must say after the day at the desk."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.browser.conftest import AGENT_HZ
from tests.browser.hall import Hall
from tests.browser.operator import CUSTOMER_HZ, NEVER, rows
from tests.factories import MadeCampaign
from tests.tones import read_wav, tone_share
from tests.world import until
from workers.jobs.recordings import raw_to_wav

SECOND = 8_000
ZONE = ZoneInfo("Europe/Moscow")


async def check_calls(hall: Hall, made: MadeCampaign, e164s: list[str]) -> None:
    """Check the three attempts, to the moment."""
    found = await rows(
        hall,
        "SELECT a.*, s.agent_id, n.text AS note FROM attempt a"
        " LEFT JOIN agent_session s ON s.id = a.agent_session_id"
        " LEFT JOIN attempt_note n ON n.attempt_id = a.id"
        " WHERE a.campaign_id = :c ORDER BY a.started_at",
        c=made.id,
    )
    facts = [(row["e164"], row["outcome"], row["disposition"], row["ended_by"]) for row in found]
    assert facts == [
        (e164s[0], "connected", "callback", "agent"),
        (e164s[1], "connected", "refused", "agent"),
        (e164s[2], "connected", NEVER, "customer"),
    ]
    assert [row["note"] for row in found] == ["Tomorrow, before lunch", "Not interested", None]
    for row in found:
        times = ("started_at", "rang_at", "answered_at", "connected_at", "ended_at")
        instants = [row[name] for name in times]
        assert instants == sorted(instants)
        assert row["number_in_lead"] == 1
    assert found[0]["disposed_at"] > found[0]["ended_at"]
    assert found[1]["connected_at"] < found[1]["disposed_at"] < found[1]["ended_at"]
    assert found[2]["connected_at"] < found[2]["disposed_at"] < found[2]["ended_at"]
    assert len({row["agent_session_id"] for row in found}) == 1
    for before, after in pairwise(found):
        assert max(before["ended_at"], before["disposed_at"]) <= after["started_at"]
    for number in e164s:
        assert len(hall.exchange.book().of(number)) == 1, "nobody is called twice"


async def check_leads(hall: Hall, made: MadeCampaign, e164s: list[str], promised: datetime) -> None:
    """Check leads, the promised call and who is barred."""
    leads = await rows(
        hall,
        "SELECT e164, state, result, attempts_made, next_attempt_at, reserved_for FROM lead"
        " WHERE campaign_id = :c ORDER BY sort_key",
        c=made.id,
    )
    first, *others = leads
    assert (first["state"], first["next_attempt_at"], first["reserved_for"]) == (
        "waiting",
        promised.astimezone(UTC),
        "olga",
    )
    assert [(row["state"], row["result"]) for row in others] == [
        ("done", "refused"),
        ("done", NEVER),
    ]
    assert [row["attempts_made"] for row in leads] == [1, 1, 1]
    (callback,) = await rows(
        hall, "SELECT k.*, l.e164 FROM callback k JOIN lead l ON l.id = k.lead_id"
    )
    assert (callback["e164"], callback["promised_at"], callback["zone"]) == (
        e164s[0],
        promised.astimezone(UTC),
        ZONE.key,
    )
    assert (callback["agent"], callback["note"], callback["state"]) == (
        "olga",
        "Tomorrow, before lunch",
        "open",
    )
    barred = await rows(hall, "SELECT e164, reason, source, campaign_id FROM suppression")
    never = {"e164": e164s[2], "reason": "do_not_call", "source": "agent", "campaign_id": None}
    assert barred == [never]


async def check_answers(hall: Hall, e164s: list[str]) -> None:
    """Check the interviews, answer by answer."""
    interviews = await rows(
        hall,
        "SELECT a.e164, i.ending, i.ended_at IS NOT NULL AS is_over FROM interview i"
        " JOIN attempt a ON a.id = i.attempt_id ORDER BY i.started_at",
    )
    assert [tuple(row.values()) for row in interviews] == [
        (e164s[0], "complete", True),
        (e164s[1], None, False),
        (e164s[2], None, False),
    ]
    answers = await rows(
        hall,
        "SELECT a.e164, w.code, w.answer, w.place_s, w.attempt_id = a.id AS is_here"
        " FROM interview_answer w"
        " JOIN interview i ON i.id = w.interview_id JOIN attempt a ON a.id = i.attempt_id"
        " ORDER BY i.started_at, w.sequence",
    )
    assert [(row["e164"], row["code"], row["answer"]) for row in answers] == [
        (e164s[0], "consent", {"value": "a"}),
        (e164s[0], "used", {"value": "b"}),
        (e164s[0], "grade", {"value": "9"}),
        (e164s[0], "praise", {"value": "The <b>speed</b>"}),
        (e164s[0], "age", {"value": "42"}),
        (e164s[1], "consent", {"value": "a"}),
        (e164s[1], "used", {"value": "a"}),
        (e164s[1], "aspects", {"value": ["a", "c"]}),
        (e164s[1], "grade", {"value": "3"}),
        (e164s[1], "why", {"value": "Too slow"}),
    ]
    assert all(row["is_here"] and row["place_s"] >= 0 for row in answers)


async def check_states(hall: Hall, made: MadeCampaign) -> None:
    """Check that the shift has no gap."""
    (shift,) = await rows(hall, "SELECT * FROM agent_session WHERE campaign_id = :c", c=made.id)
    entries = await rows(
        hall,
        "SELECT state, call_id, started_at, ended_at FROM agent_state_entry"
        " WHERE session_id = :s ORDER BY started_at, ended_at",
        s=shift["id"],
    )
    for before, after in pairwise(entries):
        assert before["ended_at"] == after["started_at"], (before, after)
    assert entries[-1]["ended_at"] == shift["ended_at"]
    calls = [row["state"] for row in entries if row["call_id"] is not None]
    talked = [one for one in calls if one != "reserved"]
    assert talked[:4] == ["on_call", "wrap_up", "on_call", "on_call"], entries
    # The third person may hang up before the runner has heard of the result.
    assert talked[4:] in ([], ["wrap_up"]), entries
    assert {"connecting", "paused", "ready", "reserved"} >= {
        row["state"] for row in entries if row["call_id"] is None
    }


async def check_recording(hall: Hall, number: str, path: Path) -> None:
    """Hear the customer on the left and the agent on the right."""
    (row,) = await rows(hall, "SELECT recording_raw FROM attempt WHERE e164 = :n", n=number)
    raw_to_wav(hall.exchange.server.monitor_dir / row["recording_raw"], path)
    left, right = read_wav(path)

    async def clear() -> bool:
        return _longest(left, CUSTOMER_HZ) > 0.95 and _longest(right, AGENT_HZ) > 0.9

    await until(clear, "both tones are in the recording")


def _longest(samples: Any, hz: int) -> float:
    """Return the clearest second of a tone."""
    starts = range(0, max(1, len(samples) - SECOND), SECOND)
    return max(tone_share(samples[at : at + SECOND], hz) for at in starts)
