"""The statements of an undo, for rows ``:first`` to ``:last`` of the import's list unless they say otherwise.

``Made`` are contacts the import brought, ``changed`` those that were there before.
"""

# ruff: noqa: S608 - put together from constants only

from typing import Final

_MADE: Final = """
    c.list_id = :list_id AND c.import_id = :import_id AND c.source_row BETWEEN :first AND :last
"""
_CHANGED: Final = """
    x.import_id = :import_id AND x.source_row BETWEEN :first AND :last AND NOT x.before ? 'refused'
"""

#: A later import that stands upon this one: it changed the same persons or mended refused rows.
LATER: Final = """
    SELECT i.id, i.file_name FROM list_import i JOIN contact_change x ON x.import_id = i.id
    WHERE i.client_id = :client_id AND i.state = 'committed' AND i.id <> :import_id
      AND i.committed_at >= :committed_at
      AND (x.before -> 'refused' ->> 'import_id' = CAST(:import_id AS text)
           OR EXISTS (SELECT FROM contact c WHERE c.id = x.contact_id
                      AND c.import_id = :import_id)
           OR EXISTS (SELECT FROM contact_change m WHERE m.contact_id = x.contact_id
                      AND m.import_id = :import_id
                      AND NOT m.before ? 'refused'))
    ORDER BY i.committed_at DESC LIMIT 1
"""
#: Until the commit no hopper claims these leads; those it has claimed already are counted.
#: Whom an agent only reads is not being called: the last look before a call finds the undo.
HOLD_LEADS: Final = f"""
    SELECT count(*) FILTER (
        WHERE h.state = 'dialing' OR EXISTS (
            SELECT FROM lead_claim k JOIN campaign g ON g.id = k.campaign_id
            WHERE k.lead_id = h.id AND g.state = 'running' AND NOT EXISTS (
                SELECT FROM preview v WHERE v.lead_id = k.lead_id AND v.ended_at IS NULL
                  AND v.wish IS DISTINCT FROM 'dial'))) FROM (
        SELECT l.id, l.state FROM lead l WHERE l.contact_id IN (
            SELECT c.id FROM contact c WHERE {_MADE}
            UNION ALL SELECT x.contact_id FROM contact_change x WHERE {_CHANGED})
        ORDER BY l.id FOR UPDATE
    ) h
"""
DIALLED: Final = f"""
    SELECT count(DISTINCT a.lead_id) FROM attempt a JOIN (
        SELECT c.id, true AS made FROM contact c WHERE {_MADE}
        UNION ALL SELECT x.contact_id, false FROM contact_change x WHERE {_CHANGED}
    ) n ON n.id = a.contact_id
    WHERE n.made OR a.started_at >= :committed_at
"""

#: Leads that go: of contacts the import brought, and of known persons it enrolled.
LEADS: Final = f"""
    SELECT l.id FROM lead l JOIN contact c ON c.id = l.contact_id WHERE {_MADE}
    UNION ALL
    SELECT l.id FROM lead l JOIN contact_change x ON x.contact_id = l.contact_id
    WHERE l.campaign_id = CAST(x.before ->> 'enrolled_in' AS uuid) AND {_CHANGED}
"""
#: With the leads given, no plan is slow, even while the tables have no statistics.
DELETE_LEADS: Final = (
    "DELETE FROM refusal_sample WHERE lead_id = ANY(:leads)",
    "DELETE FROM callback WHERE lead_id = ANY(:leads)",
    "DELETE FROM lead_claim WHERE lead_id = ANY(:leads)",
    "DELETE FROM lead WHERE id = ANY(:leads)",
)
#: Deleted in this order; the last one is counted as contacts.
DELETE_MADE: Final = (
    f"DELETE FROM phone p USING contact c WHERE p.contact_id = c.id AND {_MADE}",
    f"DELETE FROM contact c WHERE {_MADE}",
)

#: What was changed becomes what it was, in this order.
RESTORE_CHANGED: Final = (
    f"""
    DELETE FROM phone p USING contact_change x WHERE p.contact_id = x.contact_id AND {_CHANGED}
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(x.before -> 'phones') b
                      WHERE CAST(b ->> 'position' AS int) = p.position AND b ->> 'e164' = p.e164)
    """,
    f"""
    UPDATE phone p SET place_id = b.place_id FROM contact_change x
    CROSS JOIN LATERAL jsonb_to_recordset(x.before -> 'phones') AS b(position int, place_id int)
    WHERE p.contact_id = x.contact_id AND p.position = b.position AND p.place_id <> b.place_id
      AND {_CHANGED}
    """,
    f"""
    UPDATE lead l SET phone_position = 0 FROM contact_change x
    WHERE l.contact_id = x.contact_id AND l.state = 'waiting' AND {_CHANGED} AND NOT EXISTS (
        SELECT FROM phone p WHERE p.contact_id = l.contact_id AND p.position = l.phone_position)
    """,
    f"""
    UPDATE lead l SET place_id = p.place_id, e164 = p.e164 FROM contact_change x
    JOIN phone p ON p.contact_id = x.contact_id
    WHERE l.contact_id = x.contact_id AND l.state = 'waiting' AND p.position = l.phone_position
      AND (p.place_id, p.e164) <> (l.place_id, l.e164) AND {_CHANGED}
    """,
    f"""
    UPDATE contact c SET (name, fields, external_key, language, region, zone, priority, owner, tags)
        = (SELECT b.name, b.fields, b.external_key, b.language, b.region, b.zone, b.priority, b.owner,
                  b.tags
           FROM jsonb_populate_record(CAST(NULL AS contact), x.before) b)
    FROM contact_change x WHERE c.id = x.contact_id AND c.erased_at IS NULL AND {_CHANGED}
    """,
)

#: Of the whole import.
DELETE_REFUSED: Final = "DELETE FROM refused_row WHERE import_id = :import_id"
PUT_REFUSED_BACK: Final = """
    INSERT INTO refused_row SELECT b.* FROM contact_change x
    CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS refused_row), x.before -> 'refused') b
    WHERE x.import_id = :import_id AND x.before ? 'refused'
"""
FORGET_CHANGES: Final = "DELETE FROM contact_change WHERE import_id = :import_id"

#: The next sweep of uploads deletes the file that no row names any more.
FORGET_FILE: Final = "DELETE FROM original_file WHERE import_id = :import_id"
