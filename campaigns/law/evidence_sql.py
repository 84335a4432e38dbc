"""What evidence consists of: one query a kind of record, all with the same columns.

``at``, ``number``, ``campaign``, ``id``, ``summary`` and ``facts`` (JSON). Bound: ``client_id``, ``number``
(null = all), ``masked``, ``since`` and ``until`` (half-open).
"""

from sqlalchemy import TextClause, text

_ATTEMPTS = """
    SELECT a.started_at AS at, a.e164 AS number, c.name AS campaign, a.id,
           coalesce(a.outcome, 'live') AS summary,
           jsonb_build_object('caller_id', a.caller_id, 'subject', a.subject,
               'reserved_agent', a.reserved_agent, 'rang_at', a.rang_at,
               'answered_at', a.answered_at, 'connected_at', a.connected_at,
               'ended_at', a.ended_at, 'ended_by', a.ended_by, 'disposition', a.disposition,
               'recording', a.recording, 'decision', a.decision) AS facts
    FROM attempt a JOIN campaign c ON c.id = a.campaign_id
    WHERE a.client_id = :client_id AND a.started_at >= :since AND a.started_at < :until
      AND (CAST(:number AS text) IS NULL OR a.e164 = :number)
    ORDER BY a.started_at, a.id
"""
_REFUSALS = """
    SELECT r.refused_at AS at, r.e164 AS number, c.name AS campaign, r.id,
           array_to_string(r.reasons, ' ') AS summary,
           jsonb_build_object('decision', r.decision) AS facts
    FROM refusal_sample r JOIN campaign c ON c.id = r.campaign_id
    WHERE r.client_id = :client_id AND r.refused_at >= :since AND r.refused_at < :until
      AND (CAST(:number AS text) IS NULL OR r.e164 = :number)
    ORDER BY r.refused_at, r.id
"""
# In force at any moment of the period; of a period only those of numbers that were dialled in it.
_CONSENTS = """
    SELECT k.granted_at AS at, coalesce(k.e164, '') AS number, '' AS campaign, k.id,
           k.kind AS summary,
           jsonb_build_object('scope', k.scope, 'withdrawn_at', k.withdrawn_at,
               'expires_at', k.expires_at, 'proof', k.proof, 'import_id', k.import_id,
               'recorded_at', k.recorded_at, 'recorded_by', u.login) AS facts
    FROM consent_record k LEFT JOIN user_account u ON u.id = k.recorded_by
    WHERE k.client_id = :client_id AND k.granted_at < :until
      AND coalesce(k.withdrawn_at, 'infinity') >= :since
      AND (k.e164 IS NULL OR k.e164 = :number OR (CAST(:number AS text) IS NULL
           AND EXISTS (SELECT FROM attempt a WHERE a.e164 = k.e164 AND a.client_id = k.client_id
                       AND a.started_at >= :since AND a.started_at < :until)))
    ORDER BY k.granted_at, k.id
"""
_SUPPRESSIONS = """
    SELECT s.added_at AS at, s.e164 AS number, coalesce(c.name, '') AS campaign, s.id,
           s.reason AS summary,
           jsonb_build_object('source', s.source, 'added_by', u.login) AS facts
    FROM suppression s LEFT JOIN campaign c ON c.id = s.campaign_id
    LEFT JOIN user_account u ON u.id = s.added_by
    WHERE s.client_id = :client_id AND s.added_at < :until
      AND CASE WHEN CAST(:number AS text) IS NULL THEN s.added_at >= :since
               ELSE s.e164 = :number END
    ORDER BY s.added_at, s.id
"""
_EXEMPTIONS = """
    SELECT x.proposed_at AS at, '' AS number, '' AS campaign, x.id, x.rule_id AS summary,
           jsonb_build_object('reason', x.reason, 'proposed_by', p.login, 'approved_by', q.login,
               'approved_at', x.approved_at, 'ended_at', x.ended_at) AS facts
    FROM rule_exemption x JOIN user_account p ON p.id = x.proposed_by
    LEFT JOIN user_account q ON q.id = x.approved_by
    WHERE x.client_id = :client_id AND x.proposed_at < :until
      AND coalesce(x.ended_at, 'infinity') >= :since
    ORDER BY x.proposed_at, x.id
"""
_LISTS = """
    SELECT d.loaded_at AS at, '' AS number, '' AS campaign, d.id, d.code AS summary,
           jsonb_build_object('version', d.file_name, 'sha256', d.sha256, 'numbers', d.numbers,
               'obtained_at', d.obtained_at, 'semantics', d.semantics) AS facts
    FROM dnc_list d WHERE d.client_id IS NULL OR d.client_id = :client_id
    ORDER BY d.code, d.id
"""
_CHANGES = """
    SELECT e.at, '' AS number, '' AS campaign, e.id, e.action AS summary,
           jsonb_build_object('by', u.login, 'subject_id', e.subject_id, 'facts', e.facts) AS facts
    FROM audit_entry e LEFT JOIN user_account u ON u.id = e.user_id
    WHERE e.client_id = :client_id AND e.at >= :since AND e.at < :until
      AND e.subject IN ('suppression', 'consent_record', 'rule_exemption', 'dnc_list',
                        'emergency_switch', 'phone')
      AND (CAST(:number AS text) IS NULL OR e.facts ->> 'number' = :masked
           OR e.subject IN ('rule_exemption', 'dnc_list', 'emergency_switch')
           OR e.subject_id IN (SELECT id FROM consent_record k
                               WHERE k.client_id = :client_id AND k.e164 = :number
                               UNION ALL
                               SELECT id FROM suppression s
                               WHERE s.client_id = :client_id AND s.e164 = :number))
    ORDER BY e.at, e.id
"""

#: Kind of record -> its query, in the order of the file.
SECTIONS: dict[str, TextClause] = {
    kind: text(sql)
    for kind, sql in (
        ("attempt", _ATTEMPTS),
        ("refusal", _REFUSALS),
        ("consent", _CONSENTS),
        ("suppression", _SUPPRESSIONS),
        ("exemption", _EXEMPTIONS),
        ("dnc_list", _LISTS),
        ("change", _CHANGES),
    )
}
