"""Events: what happened, told in order; webhook endpoints, where they are; answers to repeated requests."""

from alembic import op

from dialer.row_policies import disable_rows, enable_client_rows

revision = '0031'
down_revision = '0030'

TABLES = (
    """
    CREATE TABLE event_waiting (
        id BIGINT GENERATED ALWAYS AS IDENTITY,
        client_id UUID NOT NULL,
        campaign_id UUID,
        kind VARCHAR NOT NULL,
        subject_id UUID NOT NULL,
        lead_id UUID,
        contact_id UUID,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE event (
        client_id UUID NOT NULL,
        position BIGINT NOT NULL,
        campaign_id UUID,
        kind VARCHAR NOT NULL,
        subject_id UUID NOT NULL,
        lead_id UUID,
        contact_id UUID,
        at TIMESTAMP WITH TIME ZONE NOT NULL,
        recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
        data JSONB NOT NULL,
        PRIMARY KEY (client_id, position),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    "CREATE INDEX ix_event_campaign ON event (client_id, campaign_id, position)",
    "CREATE INDEX ix_event_recorded ON event (client_id, recorded_at)",
    """
    CREATE TABLE event_stream (
        client_id UUID NOT NULL,
        last_position BIGINT NOT NULL,
        floor_position BIGINT NOT NULL,
        PRIMARY KEY (client_id),
        CONSTRAINT ck_event_stream_floor CHECK (floor_position BETWEEN 0 AND last_position),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE event_head (
        client_id UUID NOT NULL,
        lane_id UUID NOT NULL,
        last_position BIGINT NOT NULL,
        PRIMARY KEY (client_id, lane_id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE webhook_endpoint (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        campaign_id UUID,
        name VARCHAR NOT NULL,
        url VARCHAR NOT NULL,
        kinds VARCHAR[] NOT NULL,
        with_numbers BOOLEAN NOT NULL,
        most_events INTEGER NOT NULL,
        sealed VARCHAR,
        from_position BIGINT NOT NULL,
        replays INTEGER NOT NULL,
        paused_at TIMESTAMP WITH TIME ZONE,
        disabled_at TIMESTAMP WITH TIME ZONE,
        disabled_reason VARCHAR NOT NULL,
        disabled_detail VARCHAR NOT NULL,
        failing_since TIMESTAMP WITH TIME ZONE,
        last_taken_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        created_by UUID,
        removed_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        CONSTRAINT ck_webhook_endpoint_most_events CHECK (most_events BETWEEN 1 AND 100),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(campaign_id) REFERENCES campaign (id),
        FOREIGN KEY(created_by) REFERENCES user_account (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_webhook_endpoint_name"
    " ON webhook_endpoint (client_id, name) WHERE removed_at IS NULL",
    """
    CREATE TABLE webhook_lane (
        endpoint_id UUID NOT NULL,
        lane_id UUID NOT NULL,
        client_id UUID NOT NULL,
        position BIGINT NOT NULL,
        sending_to BIGINT,
        tries INTEGER NOT NULL,
        first_try_at TIMESTAMP WITH TIME ZONE,
        next_try_at TIMESTAMP WITH TIME ZONE,
        reason VARCHAR NOT NULL,
        reason_detail VARCHAR NOT NULL,
        PRIMARY KEY (endpoint_id, lane_id),
        FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    """
    CREATE TABLE webhook_try (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        endpoint_id UUID NOT NULL,
        lane_id UUID NOT NULL,
        first_position BIGINT NOT NULL,
        last_position BIGINT NOT NULL,
        events INTEGER NOT NULL,
        began_at TIMESTAMP WITH TIME ZONE NOT NULL,
        ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
        reason VARCHAR NOT NULL,
        detail VARCHAR NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id)
    )
    """,
    "CREATE INDEX ix_webhook_try ON webhook_try (endpoint_id, id)",
    """
    CREATE TABLE webhook_dead (
        id UUID NOT NULL,
        client_id UUID NOT NULL,
        endpoint_id UUID NOT NULL,
        lane_id UUID NOT NULL,
        first_position BIGINT NOT NULL,
        last_position BIGINT NOT NULL,
        events INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        reason VARCHAR NOT NULL,
        detail VARCHAR NOT NULL,
        given_up_at TIMESTAMP WITH TIME ZONE NOT NULL,
        settled_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        FOREIGN KEY(client_id) REFERENCES client (id),
        FOREIGN KEY(endpoint_id) REFERENCES webhook_endpoint (id)
    )
    """,
    "CREATE INDEX ix_webhook_dead ON webhook_dead (endpoint_id, id)",
    """
    CREATE TABLE kept_answer (
        client_id UUID NOT NULL,
        key VARCHAR NOT NULL,
        request_sha256 VARCHAR NOT NULL,
        answer JSONB,
        made_at TIMESTAMP WITH TIME ZONE NOT NULL,
        PRIMARY KEY (client_id, key),
        FOREIGN KEY(client_id) REFERENCES client (id)
    )
    """,
    "CREATE INDEX ix_kept_answer_made ON kept_answer (made_at)",
)
NAMES = (
    'event_waiting', 'event', 'event_stream', 'event_head',
    'webhook_endpoint', 'webhook_lane', 'webhook_try', 'webhook_dead', 'kept_answer',
)

_ATTEMPT = 'n.id, n.lead_id, n.contact_id'
_INTO = 'INSERT INTO event_waiting (client_id, campaign_id, kind, subject_id, lead_id, contact_id, at, data)'
#: What each trigger writes. Set-wise where rows come in groups; ``clock_timestamp()`` where the row tells no time.
FUNCTIONS = {
    'event_attempt_begun': f"""
        {_INTO}
        SELECT n.client_id, n.campaign_id, 'attempt.begun', {_ATTEMPT}, n.started_at,
               jsonb_build_object('attempt_number', n.number_in_lead)
        FROM fresh n;
    """,
    'event_attempt_ended': f"""
        {_INTO}
        SELECT n.client_id, n.campaign_id, 'attempt.ended', {_ATTEMPT}, n.ended_at,
               jsonb_strip_nulls(jsonb_build_object(
                   'attempt_number', n.number_in_lead, 'outcome', n.outcome, 'ended_by', n.ended_by,
                   'cause', n.cause, 'sip_code', n.sip_code, 'started_at', n.started_at,
                   'answered_at', n.answered_at, 'connected_at', n.connected_at,
                   'session_id', n.agent_session_id))
        FROM (SELECT NEW.*) AS n;
        RETURN NULL;
    """,
    'event_result': f"""
        {_INTO}
        SELECT n.client_id, n.campaign_id,
               CASE WHEN OLD.disposition IS NULL THEN 'result.saved' ELSE 'result.corrected' END,
               {_ATTEMPT}, CASE WHEN OLD.disposition IS NULL THEN coalesce(n.disposed_at, clock_timestamp())
                                ELSE clock_timestamp() END,
               jsonb_strip_nulls(jsonb_build_object(
                   'disposition', n.disposition, 'before', OLD.disposition,
                   'session_id', n.agent_session_id))
        FROM (SELECT NEW.*) AS n;
        RETURN NULL;
    """,
    'event_form': f"""
        {_INTO}
        SELECT n.client_id, a.campaign_id,
               CASE n.ending WHEN 'complete' THEN 'form.completed' ELSE 'form.closed' END, n.id, a.lead_id, n.contact_id, n.ended_at,
               jsonb_strip_nulls(jsonb_build_object(
                   'ending', n.ending, 'form_id', n.form_id, 'form_version_id', n.form_version_id,
                   'attempt_id', a.id))
        FROM (SELECT NEW.*) AS n LEFT JOIN attempt a ON a.id = coalesce(
            (SELECT c.attempt_id FROM interview_call c WHERE c.interview_id = NEW.id
             ORDER BY c.began_at DESC LIMIT 1), NEW.attempt_id);
        RETURN NULL;
    """,
    'event_callback': f"""
        {_INTO}
        SELECT n.client_id, n.campaign_id,
               CASE WHEN TG_OP = 'INSERT' THEN 'callback.promised' WHEN n.state = 'kept' THEN 'callback.done'
                    WHEN n.state = 'cancelled' THEN 'callback.cancelled' ELSE 'callback.changed' END,
               n.id, n.lead_id, l.contact_id,
               CASE WHEN TG_OP = 'INSERT' THEN n.created_at ELSE coalesce(n.closed_at, clock_timestamp()) END,
               jsonb_strip_nulls(jsonb_build_object(
                   'promised_at', n.promised_at, 'zone', n.zone, 'agent', n.agent))
        FROM (SELECT NEW.*) AS n LEFT JOIN lead l ON l.id = n.lead_id;
        RETURN NULL;
    """,
    'event_opt_out_added': f"""
        {_INTO}
        SELECT n.client_id, n.campaign_id, 'opt_out.added', n.id, NULL, NULL, n.added_at,
               jsonb_build_object('source', n.source)
        FROM fresh n;
    """,
    'event_opt_out_lifted': f"""
        {_INTO}
        SELECT o.client_id, o.campaign_id, 'opt_out.lifted', o.id, NULL, NULL, clock_timestamp(), '{{}}'
        FROM gone o;
    """,
    'event_import': f"""
        {_INTO}
        SELECT n.client_id, CAST(n.options ->> 'campaign_id' AS uuid), 'import.' || n.state, n.id, NULL, NULL,
               CASE n.state WHEN 'committed' THEN coalesce(n.committed_at, clock_timestamp())
                            WHEN 'undone' THEN coalesce(n.undone_at, clock_timestamp())
                            ELSE clock_timestamp() END,
               jsonb_strip_nulls(jsonb_build_object(
                   'list_id', n.list_id, 'rows_in', n.rows_in, 'rows_accepted', n.rows_accepted,
                   'rows_refused', n.rows_refused))
        FROM (SELECT NEW.*) AS n;
        RETURN NULL;
    """,
    'event_campaign': f"""
        {_INTO}
        SELECT n.client_id, n.id, 'campaign.state_changed', n.id, NULL, NULL, clock_timestamp(),
               jsonb_build_object('state', n.state, 'before', OLD.state)
        FROM (SELECT NEW.*) AS n;
        RETURN NULL;
    """,
    'event_contact_erased': f"""
        {_INTO}
        SELECT n.client_id, NULL, 'contact.erased', n.id, NULL, n.id, n.erased_at, '{{}}'
        FROM (SELECT NEW.*) AS n;
        RETURN NULL;
    """,
}
_ROW = 'FOR EACH ROW'
_NEW_ROWS = 'REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT'
_OLD_ROWS = 'REFERENCING OLD TABLE AS gone FOR EACH STATEMENT'
_PROMISE = ('promised_at', 'zone', 'agent', 'state')
#: Name -> table, when, for what, which function.
TRIGGERS = {
    'event_attempt_begun': ('attempt', 'INSERT', _NEW_ROWS, 'event_attempt_begun'),
    'event_attempt_ended': (
        'attempt', 'UPDATE OF outcome',
        f'{_ROW} WHEN (OLD.outcome IS NULL AND NEW.outcome IS NOT NULL)', 'event_attempt_ended',
    ),
    'event_result': (
        'attempt', 'UPDATE OF disposition',
        f'{_ROW} WHEN (NEW.disposition IS NOT NULL AND OLD.disposition IS DISTINCT FROM NEW.disposition)',
        'event_result',
    ),
    'event_form': (
        'interview', 'UPDATE OF ending', f'{_ROW} WHEN (OLD.ending IS NULL AND NEW.ending IS NOT NULL)',
        'event_form',
    ),
    'event_callback_promised': ('callback', 'INSERT', _ROW, 'event_callback'),
    'event_callback_changed': (
        'callback', 'UPDATE', f"""{_ROW} WHEN ({
            ' OR '.join(f'OLD.{name} IS DISTINCT FROM NEW.{name}' for name in _PROMISE)})""",
        'event_callback',
    ),
    'event_opt_out_added': ('suppression', 'INSERT', _NEW_ROWS, 'event_opt_out_added'),
    'event_opt_out_lifted': ('suppression', 'DELETE', _OLD_ROWS, 'event_opt_out_lifted'),
    'event_import': (
        'list_import', 'UPDATE OF state', f"""{_ROW} WHEN (OLD.state IS DISTINCT FROM NEW.state
            AND NEW.state IN ('committed', 'failed', 'undone'))""", 'event_import',
    ),
    'event_campaign': (
        'campaign', 'UPDATE OF state', f'{_ROW} WHEN (OLD.state IS DISTINCT FROM NEW.state)', 'event_campaign',
    ),
    'event_contact_erased': (
        'contact', 'UPDATE OF erased_at', f'{_ROW} WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)',
        'event_contact_erased',
    ),
}

#: A row that names another client's row is refused by the database too.
_OWN_ENDPOINT = 'SELECT FROM webhook_endpoint WHERE id = NEW.endpoint_id AND client_id = NEW.client_id'
GUARDS = {
    'webhook_endpoint': (
        'SELECT WHERE NEW.campaign_id IS NULL OR EXISTS'
        ' (SELECT FROM campaign WHERE id = NEW.campaign_id AND client_id = NEW.client_id)'
    ),
    'webhook_lane': _OWN_ENDPOINT,
    'webhook_try': _OWN_ENDPOINT,
    'webhook_dead': _OWN_ENDPOINT,
}


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for name, body in FUNCTIONS.items():
        ends = '' if 'RETURN NULL' in body else ' RETURN NULL;'
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}{ends} END $$'
        )
    for name, (table, events, how, function) in TRIGGERS.items():
        op.execute(f'CREATE TRIGGER {name} AFTER {events} ON {table} {how} EXECUTE FUNCTION {function}()')
    for table, owned in GUARDS.items():
        op.execute(
            f"CREATE FUNCTION {table}_client() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NOT EXISTS ({owned}) THEN RAISE EXCEPTION 'another client''s row'"
            " USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f'CREATE TRIGGER {table}_client BEFORE INSERT OR UPDATE OF client_id ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {table}_client()'
        )
    for table in NAMES:
        enable_client_rows(op, table)


def downgrade() -> None:
    for name, (table, *_) in TRIGGERS.items():
        op.execute(f'DROP TRIGGER {name} ON {table}')
    for name in FUNCTIONS:
        op.execute(f'DROP FUNCTION {name}()')
    disable_rows(op, NAMES)
    for table in reversed(NAMES):
        op.execute(f'DROP TABLE {table}')
    for table in GUARDS:
        op.execute(f'DROP FUNCTION {table}_client()')
