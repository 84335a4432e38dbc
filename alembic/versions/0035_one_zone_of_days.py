"""Saved cross-tables; a run's key tells its moment; one zone for a client's days.

Reports follow the client's zone while they have none of their own, and the wall follows reports.
"""

from alembic import op

revision = '0035'
down_revision = '0034'

#: Days of reports that begin elsewhere from now on are counted anew.
_MOVED = """
    SELECT c.id FROM client c
    WHERE c.zone NOT IN ('', 'UTC')
      AND NOT EXISTS (SELECT FROM report_settings s WHERE s.client_id = c.id)
"""
UP = (
    "ALTER TABLE saved_report ADD COLUMN kind VARCHAR NOT NULL DEFAULT 'figures'",
    'ALTER TABLE saved_report ALTER COLUMN kind DROP DEFAULT',
    """
    UPDATE report_run r SET period = to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
    WHERE r.period ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND NOT EXISTS (
        SELECT FROM report_run o
        WHERE o.report_id = r.report_id AND o.ended_at = r.ended_at AND o.id < r.id
          AND o.period ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')
    """,
    """
    UPDATE report_settings s SET zone = '' FROM client c
    WHERE c.id = s.client_id AND s.zone = coalesce(nullif(c.zone, ''), 'UTC')
    """,
    "UPDATE wall_choice SET settings = settings - 'zone'",
    f'DELETE FROM report_day WHERE client_id IN ({_MOVED})',
    f'DELETE FROM report_case_cell WHERE client_id IN ({_MOVED})',
    f'DELETE FROM report_case WHERE client_id IN ({_MOVED})',
    f"""
    INSERT INTO report_case_change (campaign_id, client_id, lead_id)
    SELECT campaign_id, client_id, id FROM lead
    WHERE attempts_made > 0 AND client_id IN ({_MOVED})
    """,
)
DOWN = (
    """
    INSERT INTO report_settings (client_id, zone, currency, hour_rate, minute_tariff, service_level_s,
        targets, csat_question, csat_from)
    SELECT c.id, c.zone, 'EUR', 0, 0, 20, '{}', '', 4 FROM client c
    WHERE c.zone NOT IN ('', 'UTC')
    ON CONFLICT (client_id) DO NOTHING
    """,
    """
    UPDATE report_settings s SET zone = coalesce(nullif(c.zone, ''), 'UTC') FROM client c
    WHERE c.id = s.client_id AND s.zone = ''
    """,
    """
    UPDATE report_run r SET period = left(r.period, 10)
    WHERE r.period ~ '^[0-9-]{10}T[0-9:]{5}Z$' AND NOT EXISTS (
        SELECT FROM report_run o
        WHERE o.report_id = r.report_id AND o.id <> r.id AND left(o.period, 10) = left(r.period, 10)
          AND (o.period ~ '^[0-9-]{10}$' OR o.period ~ '^[0-9-]{10}T[0-9:]{5}Z$' AND o.id < r.id))
    """,
    """
    DELETE FROM report_schedule WHERE report_id IN (SELECT id FROM saved_report WHERE kind <> 'figures')
    """,
    "UPDATE saved_report SET removed_at = coalesce(removed_at, now()) WHERE kind <> 'figures'",
    "UPDATE report_schedule SET wording = wording - 'table' - 'chart_cut'",
    'ALTER TABLE saved_report DROP COLUMN kind',
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
