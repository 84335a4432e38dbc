"""The SQL of the figures. Each may use ``campaign_id``, ``now`` and ``window_s``."""

from campaigns.reports.durations import ms_between

#: Over how long the rate of calls is taken, seconds.
RATE_WINDOW_S = 60

#: Leads by state and result; waiting ones by reason, with the first due instant of each.
LEADS = """
SELECT state, result, CASE WHEN state = 'waiting' THEN waiting_reason END AS waiting_reason,
       count(*) AS leads, min(next_attempt_at) FILTER (WHERE state = 'waiting') AS next_due_at
FROM lead
WHERE campaign_id = :campaign_id
GROUP BY 1, 2, 3
"""

#: Ended attempts by outcome, live ones by how far they are.
OUTCOMES = """
SELECT ended_at IS NOT NULL AS ended,
       CASE WHEN ended_at IS NOT NULL THEN outcome
            WHEN connected_at IS NOT NULL THEN 'connected'
            WHEN answered_at IS NOT NULL THEN 'waiting'
            WHEN rang_at IS NOT NULL THEN 'ringing'
            ELSE 'dialing' END AS label,
       count(*) AS calls
FROM attempt
WHERE campaign_id = :campaign_id
GROUP BY 1, 2
"""

#: Sums over the attempts. A person counts as having answered when the call ended as one of a
#: person, or talks now; a call that a crash took from a waiting person is a lost one, and so is a
#: person whom analysis took for a machine, as an audit found.
TOTALS = f"""
SELECT count(answered_at) AS answered,
       count(*) FILTER (WHERE by_person) AS answered_by_person,
       count(*) FILTER (WHERE lost) AS abandoned,
       count(connected_at) AS connected,
       count(*) FILTER (WHERE connected_at IS NOT NULL AND ended_at IS NOT NULL) AS talked,
       coalesce(sum(talk_ms) FILTER (WHERE ended_at IS NOT NULL), 0) / 1000.0 AS talk_total_s,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY wait_ms) AS wait_p50_ms,
       percentile_disc(0.99) WITHIN GROUP (ORDER BY wait_ms) AS wait_p99_ms,
       count(*) FILTER (
           WHERE started_at > cast(:now AS timestamptz) - make_interval(secs => :window_s)
       ) AS begun_lately
FROM (
    SELECT started_at, answered_at, connected_at, ended_at,
           {ms_between("answered_at", "connected_at")} AS wait_ms,
           {ms_between("connected_at", "coalesce(left_at, ended_at)")} AS talk_ms,
           answered_at IS NOT NULL AND (connected_at IS NOT NULL OR mistaken OR outcome IN
               ('connected', 'abandoned', 'hung_up_early', 'interrupted')) AS by_person,
           answered_at IS NOT NULL AND connected_at IS NULL
               AND (mistaken OR outcome IN ('abandoned', 'interrupted')) AS lost
    FROM attempt
    CROSS JOIN LATERAL (
        SELECT outcome = 'machine' AND EXISTS (
            SELECT FROM amd_verdict v
            WHERE v.attempt_id = attempt.id AND v.judged = 'person') AS mistaken
    ) AS audit
    WHERE campaign_id = :campaign_id
) AS call
"""

#: Agents present by state, and the seconds spent in each state over all shifts, while they worked for
#: this campaign.
AGENTS = f"""
SELECT entry.state,
       count(*) FILTER (WHERE entry.ended_at IS NULL AND shift.ended_at IS NULL) AS present,
       sum({ms_between("entry.started_at", "coalesce(entry.ended_at, shift.ended_at, :now)")})
           / 1000.0 AS seconds
FROM agent_state_entry AS entry
JOIN agent_session AS shift ON shift.id = entry.session_id
WHERE entry.campaign_id = :campaign_id
GROUP BY 1
"""
