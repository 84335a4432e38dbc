"""How components are counted, in SQL: the one place, for roll-ups and for raw rows alike.

The statements read ``span``: rows ``(campaign_id, since, until)`` of whole days in ``:zone``.
"""

import re

from campaigns.reports.components import OF_AGENTS, OF_CALLS, WAITS_S
from campaigns.reports.dimensions import OF_ATTEMPT, Dimension
from campaigns.reports.durations import ms_between

#: A state of an agent counts for so long at most: of a shift that was forgotten the rest is nobody's work.
LONGEST_STATE = "interval '7 days'"

_ENDED_AS = (
    *("machine", "hung_up_early", "no_answer", "busy", "rejected", "invalid_number", "congestion"),
    *("unreachable", "no_response", "cancelled", "not_sent", "interrupted"),
)
_TALK = "a.connected_at IS NOT NULL AND a.ended_at IS NOT NULL"


def _yes(condition: str) -> str:
    return f"coalesce({condition}, false)::int"


def _ms(since: str, until: str, condition: str = "true") -> str:
    return f"CASE WHEN {condition} THEN {ms_between(since, until)} ELSE 0 END"


_WAIT = _ms("a.answered_at", "a.connected_at", "a.connected_at IS NOT NULL")
#: A person counts as having answered when the call ended as one of a person, or talks now; a call that a
#: crash took from a waiting person is a lost one, and so is a person whom analysis took for a machine, as an
#: audit found. As ``statements.TOTALS`` has it.
_PERSON = (
    "a.answered_at IS NOT NULL AND (a.connected_at IS NOT NULL OR v.mistaken OR a.outcome IN"
    " ('connected', 'abandoned', 'hung_up_early', 'interrupted'))"
)
_LOST = (
    "a.answered_at IS NOT NULL AND a.connected_at IS NULL"
    " AND (v.mistaken OR a.outcome IN ('abandoned', 'interrupted'))"
)
_SELF_SERVED = (
    "a.connected_at IS NULL AND a.answered_at IS NOT NULL"
    " AND (v.message_left OR a.ended_by = 'opt_out')"
)

#: Of one attempt, in SQL.
_COUNTED = {
    "attempts": "1",
    "ended": _yes("a.ended_at IS NOT NULL"),
    "answered": _yes("a.answered_at IS NOT NULL"),
    "persons": _yes(_PERSON),
    "connected": _yes("a.connected_at IS NOT NULL"),
    "lost": _yes(_LOST),
    "talked": _yes(_TALK),
    "self_served": _yes(_SELF_SERVED),
    **{name: _yes(f"a.outcome = '{name}'") for name in _ENDED_AS},
    "wait_ms": _WAIT,
    **{
        f"taken_{limit_s}s": _yes(f"a.connected_at IS NOT NULL AND {_WAIT} <= {limit_s * 1000}")
        for limit_s in WAITS_S
    },
    "talk_ms": _ms("a.connected_at", "coalesce(a.left_at, a.ended_at)", _TALK),
    "hold_ms": "coalesce(h.hold_ms, 0)::bigint",
    "line_ms": _ms(
        "a.answered_at", "a.ended_at", "a.answered_at IS NOT NULL AND a.ended_at IS NOT NULL"
    ),
    "disposed": _yes("a.disposition IS NOT NULL"),
    "successes": _yes("d.success"),
    "refusals": _yes("d.refuses"),
    "forms_begun": "coalesce(i.begun, 0)::int",
    "forms_complete": "coalesce(i.complete, 0)::int",
    "forms_screened_out": "coalesce(i.screened_out, 0)::int",
    "forms_quota_full": "coalesce(i.quota_full, 0)::int",
    "csat_answers": "coalesce(g.answers, 0)::int",
    "csat_satisfied": "coalesce(g.satisfied, 0)::int",
}
_HELD = _ms("k.began_at", "k.ended_at", "k.ended_at IS NOT NULL")

_WHOLE = """
FROM span
JOIN attempt a ON a.campaign_id = span.campaign_id
              AND a.started_at >= span.since AND a.started_at < span.until
"""
# Of how long a span is the planner knows nothing: it would read a year's calls to find those of a day.
# What OFFSET fences in is looked up for each span by the index.
_ONE_BY_ONE = """
FROM span
CROSS JOIN LATERAL (
    SELECT * FROM attempt a WHERE a.campaign_id = span.campaign_id
        AND a.started_at >= span.since AND a.started_at < span.until OFFSET 0
) AS a
"""
#: What a column may need besides the attempt, by alias: only what is asked for is looked up.
_JOINS = {
    "s": """
LEFT JOIN agent_session s ON s.id = a.agent_session_id
""",
    "c": """
LEFT JOIN contact c ON c.id = a.contact_id
""",
    "p": """
LEFT JOIN place p ON p.id = a.place_id
""",
    "d": """
LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
""",
    "r": """
LEFT JOIN script_reading r ON r.attempt_id = a.id
""",
    "v": """
LEFT JOIN LATERAL (
    SELECT v.message_left, a.outcome = 'machine' AND v.judged = 'person' AS mistaken
    FROM amd_verdict v WHERE v.attempt_id = a.id AND a.answered_at IS NOT NULL
) AS v ON true
""",
    "h": f"""
LEFT JOIN LATERAL (
    SELECT sum({_HELD}) AS hold_ms FROM call_part k
    WHERE k.attempt_id = a.id AND k.kind = 'held' AND a.connected_at IS NOT NULL
) AS h ON true
""",
    "f": """
LEFT JOIN LATERAL (
    SELECT min(x.form_version_id::text) AS form_version_id FROM (
        SELECT i.form_version_id FROM interview_call ic JOIN interview i ON i.id = ic.interview_id
        WHERE ic.attempt_id = a.id
        UNION ALL SELECT i.form_version_id FROM interview i WHERE i.attempt_id = a.id
        UNION ALL SELECT e.form_version_id FROM report_erased_interview e WHERE e.attempt_id = a.id
    ) AS x WHERE a.connected_at IS NOT NULL
) AS f ON true
""",
    "i": """
LEFT JOIN LATERAL (
    SELECT count(*) AS begun, count(*) FILTER (WHERE x.ending = 'complete') AS complete,
           count(*) FILTER (WHERE x.ending = 'screened_out') AS screened_out,
           count(*) FILTER (WHERE x.ending = 'quota_full') AS quota_full
    FROM (
        SELECT i.ending FROM interview i WHERE i.attempt_id = a.id
        UNION ALL SELECT e.ending FROM report_erased_interview e WHERE e.attempt_id = a.id
    ) AS x WHERE a.connected_at IS NOT NULL
) AS i ON true
""",
    "g": """
LEFT JOIN LATERAL (
    SELECT count(*) AS answers, count(*) FILTER (WHERE (w.answer ->> 'value')::numeric >= o.csat_from)
           AS satisfied
    FROM report_settings o JOIN interview i ON i.attempt_id = a.id
    JOIN interview_answer w ON w.interview_id = i.id AND w.code = o.csat_question
    WHERE o.client_id = a.client_id AND o.csat_question <> '' AND a.connected_at IS NOT NULL
      AND w.answer ->> 'value' ~ '^[0-9]{1,6}([.][0-9]{1,6})?$'
) AS g ON true
""",
}


def calls(
    dimensions: tuple[Dimension, ...],
    components: tuple[str, ...] = OF_CALLS,
    also: tuple[str, ...] = (),
    *,
    whole: bool = False,
) -> str:
    """Return a SELECT of one row for each attempt: campaign, hour, dimensions, components, others.

    ``whole``: the spans are a great part of all calls, see ``planning.are_few``.
    """
    columns = [
        *also,
        "a.campaign_id",
        "date_trunc('hour', a.started_at, :zone) AS starts_at",
        *(f"{OF_ATTEMPT[one]} AS {one.value}" for one in dimensions),
        *(f"{_COUNTED[name]} AS {name}" for name in components),
    ]
    said = ", ".join(columns)
    joins = [join for alias, join in _JOINS.items() if re.search(rf"\b{alias}[.]", said)]
    return f"SELECT {said} {_WHOLE if whole else _ONE_BY_ONE} {' '.join(joins)}"


_STATES = {name: name.removesuffix("_ms") for name in OF_AGENTS if name.endswith("_ms")}

#: One row for each hour in which an agent was in a state: campaign, hour, agent, milliseconds by state, and 1
#: in ``agent_days`` for the agent's first hour of a day.
AGENT_TIME = f"""
SELECT campaign_id, starts_at, agent_id::text AS agent,
       {
    ", ".join(
        f"CASE WHEN state = '{state}' THEN ms ELSE 0 END AS {name}"
        for name, state in _STATES.items()
    )
},
       (row_number() OVER (
           PARTITION BY campaign_id, agent_id, date_trunc('day', starts_at, :zone)
           ORDER BY starts_at, entry_id) = 1)::int AS agent_days
FROM (
    SELECT e.campaign_id, e.id AS entry_id, e.state, s.agent_id, hour AS starts_at,
           {_ms("greatest(e.since, hour)", "least(e.until, hour + interval '1 hour')")} AS ms
    FROM span
    JOIN LATERAL (
        SELECT e.id, e.campaign_id, e.session_id, e.state,
               greatest(e.started_at, span.since) AS since,
               least(coalesce(e.ended_at, s.ended_at, CAST(:now AS timestamptz)),
                     e.started_at + {LONGEST_STATE}, span.until) AS until
        FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id
        WHERE e.campaign_id = span.campaign_id AND e.state <> 'offline'
          AND e.started_at < span.until AND e.started_at > span.since - {LONGEST_STATE}
        OFFSET 0  -- a span's rows are found by the index, not by reading the table
    ) AS e ON e.until > e.since
    JOIN agent_session s ON s.id = e.session_id
    CROSS JOIN LATERAL generate_series(
        date_trunc('hour', e.since, :zone), e.until - interval '1 microsecond', interval '1 hour'
    ) AS hour
) AS piece
"""
