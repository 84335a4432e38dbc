"""Reports: settings and rates, roll-ups, and the triggers that tell which of them are out of date."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = '0019'

#: A day's roll-ups are void from the moment somebody changes one of its rows. Who rolls a day up holds its
#: hours' locks alone, whoever changes rows holds them together with others: so no change is missed.
FUNCTIONS = {
    'report_touch(campaign uuid, since timestamptz, until timestamptz) RETURNS void': """
        PERFORM pg_advisory_xact_lock_shared(
            hashtextextended(campaign::text, extract(epoch FROM hour)::bigint / 3600))
        FROM generate_series(date_trunc('hour', since, 'UTC'), until, interval '1 hour') AS hour;
        DELETE FROM report_day
        WHERE campaign_id = campaign AND starts_at <= until AND ends_at > since;
    """,
    'report_touch_attempt() RETURNS trigger': """
        PERFORM report_touch(NEW.campaign_id, NEW.started_at, NEW.started_at);
        INSERT INTO report_case_change (campaign_id, client_id, lead_id)
        VALUES (NEW.campaign_id, NEW.client_id, NEW.lead_id);
        RETURN NULL;
    """,
    'report_touch_call() RETURNS trigger': """
        PERFORM report_touch(a.campaign_id, a.started_at, a.started_at)
        FROM attempt a WHERE a.id = NEW.attempt_id;
        RETURN NULL;
    """,
    'report_touch_interview() RETURNS trigger': """
        PERFORM report_touch(a.campaign_id, a.started_at, a.started_at)
        FROM attempt a WHERE a.id = NEW.attempt_id
           OR a.id IN (SELECT attempt_id FROM interview_call WHERE interview_id = NEW.id);
        RETURN NULL;
    """,
    'report_keep_interview() RETURNS trigger': """
        INSERT INTO report_erased_interview (interview_id, client_id, attempt_id, form_version_id, ending)
        SELECT OLD.id, OLD.client_id, OLD.attempt_id, OLD.form_version_id, OLD.ending
        WHERE OLD.attempt_id IS NOT NULL ON CONFLICT DO NOTHING;
        PERFORM report_touch(a.campaign_id, a.started_at, a.started_at)
        FROM attempt a WHERE a.id = OLD.attempt_id
           OR a.id IN (SELECT attempt_id FROM interview_call WHERE interview_id = OLD.id);
        RETURN OLD;
    """,
    'report_touch_answer() RETURNS trigger': """
        PERFORM report_touch(a.campaign_id, a.started_at, a.started_at)
        FROM attempt a JOIN interview i ON i.attempt_id = a.id
        WHERE i.id = NEW.interview_id AND EXISTS (
            SELECT FROM report_settings s
            WHERE s.client_id = NEW.client_id AND s.csat_question = NEW.code);
        RETURN NULL;
    """,
    'report_touch_entry() RETURNS trigger': """
        PERFORM report_touch(NEW.campaign_id, NEW.started_at, greatest(
            NEW.started_at, least(NEW.ended_at, NEW.started_at + interval '7 days')));
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL THEN
            -- Until now it counted as going on: days after its end may have been rolled up with it.
            DELETE FROM report_day WHERE campaign_id = NEW.campaign_id AND ends_at > NEW.ended_at;
        END IF;
        RETURN NULL;
    """,
    'report_touch_shift() RETURNS trigger': """
        PERFORM report_touch(e.campaign_id, e.started_at, greatest(e.started_at, NEW.ended_at))
        FROM agent_state_entry e WHERE e.session_id = NEW.id AND e.ended_at IS NULL;
        DELETE FROM report_day d USING agent_state_entry e
        WHERE e.session_id = NEW.id AND e.ended_at IS NULL
          AND d.campaign_id = e.campaign_id AND d.ends_at > NEW.ended_at;
        RETURN NULL;
    """,
    'report_touch_lead() RETURNS trigger': """
        INSERT INTO report_case_change (campaign_id, client_id, lead_id)
        VALUES (NEW.campaign_id, NEW.client_id, NEW.id);
        RETURN NULL;
    """,
    'report_touch_code() RETURNS trigger': """
        PERFORM report_touch(NEW.campaign_id, day.starts_at, day.starts_at)
        FROM report_day AS day WHERE day.campaign_id = NEW.campaign_id;
        INSERT INTO report_case_change (campaign_id, client_id, lead_id)
        SELECT DISTINCT a.campaign_id, a.client_id, a.lead_id FROM attempt a
        WHERE a.campaign_id = NEW.campaign_id AND a.disposition = NEW.code;
        RETURN NULL;
    """,
}
_SEEN = 'answered_at, connected_at, left_at, ended_at, outcome, disposition, agent_session_id, cause, sip_code'
TRIGGERS = {
    'report_attempt_new': ('attempt', 'INSERT', '', 'report_touch_attempt'),
    'report_attempt': ('attempt', f'UPDATE OF {_SEEN}', '', 'report_touch_attempt'),
    'report_verdict': ('amd_verdict', 'INSERT OR UPDATE', '', 'report_touch_call'),
    'report_part': ('call_part', 'INSERT OR UPDATE', '', 'report_touch_call'),
    'report_interview_call': ('interview_call', 'INSERT', '', 'report_touch_call'),
    'report_reading': ('script_reading', 'INSERT OR UPDATE OF script_version_id', '', 'report_touch_call'),
    'report_interview': ('interview', 'INSERT OR UPDATE OF ending', '', 'report_touch_interview'),
    'report_interview_gone': ('interview', 'DELETE', '', 'report_keep_interview'),
    'report_answer': ('interview_answer', 'INSERT OR UPDATE', '', 'report_touch_answer'),
    'report_entry': ('agent_state_entry', 'INSERT OR UPDATE OF ended_at', '', 'report_touch_entry'),
    'report_shift': (
        'agent_session', 'UPDATE OF ended_at', 'WHEN (NEW.ended_at IS NOT NULL)', 'report_touch_shift',
    ),
    'report_lead': (
        'lead', 'UPDATE OF result',
        'WHEN (OLD.result IS DISTINCT FROM NEW.result AND NEW.attempts_made > 0)', 'report_touch_lead',
    ),
    'report_code': (
        'disposition', 'UPDATE OF code, success, refuses, suppresses, aapor', '', 'report_touch_code',
    ),
}


def upgrade() -> None:
    op.add_column('attempt', sa.Column('place_id', sa.Integer(), nullable=True))
    op.execute(
        'UPDATE attempt SET place_id = coalesce((SELECT min(p.place_id) FROM phone p'
        ' WHERE p.contact_id = attempt.contact_id AND p.e164 = attempt.e164),'
        ' (SELECT place_id FROM lead WHERE lead.id = attempt.lead_id))'
    )
    _settings()
    _rollups()
    for signature, body in FUNCTIONS.items():
        op.execute(f'CREATE FUNCTION {signature} LANGUAGE plpgsql AS $$ BEGIN {body} END $$')
    for name, (table, events, when, function) in TRIGGERS.items():
        moment = 'BEFORE' if events == 'DELETE' else 'AFTER'
        op.execute(
            f'CREATE TRIGGER {name} {moment} {events} ON {table}'
            f' FOR EACH ROW {when} EXECUTE FUNCTION {function}()'
        )
    op.execute(
        'INSERT INTO report_case_change (campaign_id, client_id, lead_id)'
        ' SELECT campaign_id, client_id, id FROM lead WHERE attempts_made > 0'
    )


def _settings() -> None:
    op.create_table('report_settings',
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('hour_rate', sa.Numeric(12, 4), nullable=False),
    sa.Column('minute_tariff', sa.Numeric(12, 4), nullable=False),
    sa.Column('service_level_s', sa.Integer(), nullable=False),
    sa.Column('peak_hours', sa.ARRAY(sa.Integer()), server_default='{}', nullable=False),
    sa.Column('targets', postgresql.JSONB(), nullable=False),
    sa.Column('csat_question', sa.String(), nullable=False),
    sa.Column('csat_from', sa.Integer(), nullable=False),
    sa.CheckConstraint('hour_rate >= 0 AND minute_tariff >= 0', name='ck_report_settings_rates'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('client_id')
    )
    op.create_table('report_rate',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('hour_rate', sa.Numeric(12, 4), nullable=True),
    sa.Column('minute_tariff', sa.Numeric(12, 4), nullable=True),
    sa.CheckConstraint('hour_rate >= 0 AND minute_tariff >= 0', name='ck_report_rate_rates'),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id')
    )
    op.create_index('ix_report_rate_client_id', 'report_rate', ['client_id'], unique=False)


def _rollups() -> None:
    op.create_table('report_day',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'starts_at')
    )
    op.create_table('report_cell',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('cube', sa.String(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key1', sa.String(), nullable=False),
    sa.Column('key2', sa.String(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('ended', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('connected', sa.Integer(), nullable=False),
    sa.Column('lost', sa.Integer(), nullable=False),
    sa.Column('talked', sa.Integer(), nullable=False),
    sa.Column('self_served', sa.Integer(), nullable=False),
    sa.Column('machine', sa.Integer(), nullable=False),
    sa.Column('hung_up_early', sa.Integer(), nullable=False),
    sa.Column('no_answer', sa.Integer(), nullable=False),
    sa.Column('busy', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('invalid_number', sa.Integer(), nullable=False),
    sa.Column('congestion', sa.Integer(), nullable=False),
    sa.Column('unreachable', sa.Integer(), nullable=False),
    sa.Column('no_response', sa.Integer(), nullable=False),
    sa.Column('cancelled', sa.Integer(), nullable=False),
    sa.Column('not_sent', sa.Integer(), nullable=False),
    sa.Column('interrupted', sa.Integer(), nullable=False),
    sa.Column('wait_ms', sa.BigInteger(), nullable=False),
    sa.Column('taken_1s', sa.Integer(), nullable=False),
    sa.Column('taken_2s', sa.Integer(), nullable=False),
    sa.Column('taken_5s', sa.Integer(), nullable=False),
    sa.Column('taken_10s', sa.Integer(), nullable=False),
    sa.Column('taken_20s', sa.Integer(), nullable=False),
    sa.Column('taken_30s', sa.Integer(), nullable=False),
    sa.Column('taken_60s', sa.Integer(), nullable=False),
    sa.Column('talk_ms', sa.BigInteger(), nullable=False),
    sa.Column('hold_ms', sa.BigInteger(), nullable=False),
    sa.Column('line_ms', sa.BigInteger(), nullable=False),
    sa.Column('disposed', sa.Integer(), nullable=False),
    sa.Column('successes', sa.Integer(), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('forms_begun', sa.Integer(), nullable=False),
    sa.Column('forms_complete', sa.Integer(), nullable=False),
    sa.Column('forms_screened_out', sa.Integer(), nullable=False),
    sa.Column('forms_quota_full', sa.Integer(), nullable=False),
    sa.Column('csat_answers', sa.Integer(), nullable=False),
    sa.Column('csat_satisfied', sa.Integer(), nullable=False),
    sa.Column('on_call_ms', sa.BigInteger(), nullable=False),
    sa.Column('wrap_up_ms', sa.BigInteger(), nullable=False),
    sa.Column('ready_ms', sa.BigInteger(), nullable=False),
    sa.Column('previewing_ms', sa.BigInteger(), nullable=False),
    sa.Column('dialing_ms', sa.BigInteger(), nullable=False),
    sa.Column('reserved_ms', sa.BigInteger(), nullable=False),
    sa.Column('connecting_ms', sa.BigInteger(), nullable=False),
    sa.Column('paused_ms', sa.BigInteger(), nullable=False),
    sa.Column('agent_days', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'cube', 'starts_at', 'key1', 'key2')
    )
    op.create_table('report_erased_interview',
    sa.Column('interview_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('form_version_id', sa.Uuid(), nullable=False),
    sa.Column('ending', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('interview_id')
    )
    op.create_index(
        'ix_report_erased_interview_attempt_id', 'report_erased_interview', ['attempt_id'], unique=False
    )
    _cases()


def _cases() -> None:
    op.create_table('report_case',
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('list_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.String(), nullable=False),
    sa.Column('called_on', sa.Date(), nullable=False),
    sa.Column('outcome_group', sa.String(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.Column('done_at_first', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('lead_id')
    )
    op.create_table('report_case_cell',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('called_on', sa.Date(), nullable=False),
    sa.Column('list_id', sa.Uuid(), nullable=False),
    sa.Column('region', sa.String(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('case_attempts', sa.Integer(), nullable=False),
    sa.Column('cases_done', sa.Integer(), nullable=False),
    sa.Column('cases_done_at_first', sa.Integer(), nullable=False),
    sa.Column('complete', sa.Integer(), nullable=False),
    sa.Column('partial', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('non_contact', sa.Integer(), nullable=False),
    sa.Column('other', sa.Integer(), nullable=False),
    sa.Column('unknown_household', sa.Integer(), nullable=False),
    sa.Column('unknown_other', sa.Integer(), nullable=False),
    sa.Column('not_eligible', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'called_on', 'list_id', 'region')
    )
    op.create_table('report_case_change',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_report_case_change_campaign', 'report_case_change', ['campaign_id'], unique=False)


def downgrade() -> None:
    for name, (table, *_) in TRIGGERS.items():
        op.execute(f'DROP TRIGGER {name} ON {table}')
    for signature in reversed(FUNCTIONS):
        op.execute(f'DROP FUNCTION {signature.split("(")[0]}')
    for table in ('case_change', 'case_cell', 'case', 'erased_interview', 'cell', 'day', 'rate', 'settings'):
        op.drop_table(f'report_{table}')
    op.drop_column('attempt', 'place_id')
