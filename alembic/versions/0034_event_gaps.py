"""Webhooks: gaps by campaign, replays by lane, no words of receivers; closed leads are events."""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'

#: Where words of receivers were kept; the first ones, such as ``HTTP 422``, stay.
WORDS = (
    ('webhook_try', 'detail'),
    ('webhook_dead', 'detail'),
    ('webhook_lane', 'reason_detail'),
    ('webhook_endpoint', 'disabled_detail'),
    ('delivery_try', 'detail'),
    ('delivery', 'reason_detail'),
)
#: A lead may be closed without a call: refused for good, or a talk that nobody gave a result.
CLOSED = """
    INSERT INTO event_waiting (client_id, campaign_id, kind, subject_id, lead_id, contact_id, at, data)
    VALUES (NEW.client_id, NEW.campaign_id, 'lead.closed', NEW.id, NEW.id, NEW.contact_id,
            clock_timestamp(), jsonb_build_object('result', NEW.result, 'attempts', NEW.attempts_made));
"""
_ALONE = "substring({column} FROM '^HTTP [0-9]+')"


def upgrade() -> None:
    # What was deleted before this is not known by campaign: at worst one gap too many is told.
    op.add_column(
        'event_head',
        sa.Column('gone_position', sa.BigInteger(), nullable=False, server_default='0'),
    )
    op.execute(
        'UPDATE event_head h SET gone_position = least(h.last_position, s.floor_position)'
        ' FROM event_stream s WHERE s.client_id = h.client_id'
    )
    op.alter_column('event_head', 'gone_position', server_default=None)
    op.create_check_constraint(
        'ck_event_head_gone', 'event_head', 'gone_position BETWEEN 0 AND last_position'
    )
    op.add_column(
        'webhook_lane', sa.Column('replays', sa.Integer(), nullable=False, server_default='0')
    )
    op.execute(
        'UPDATE webhook_lane l SET replays = e.replays FROM webhook_endpoint e WHERE e.id = l.endpoint_id'
    )
    op.alter_column('webhook_lane', 'replays', server_default=None)
    op.drop_column('webhook_endpoint', 'replays')
    for table, column in WORDS:
        words = _ALONE.format(column=column)
        op.execute(f"UPDATE {table} SET {column} = {words} WHERE {column} ~ '^HTTP [0-9]+ '")
    told = _ALONE.format(column="(facts ->> 'detail')")
    op.execute(
        f"UPDATE audit_entry SET facts = jsonb_set(facts, '{{detail}}', to_jsonb({told}))"
        " WHERE action = 'webhook.disabled' AND facts ->> 'detail' ~ '^HTTP [0-9]+ '"
    )
    op.execute(
        "UPDATE kept_answer SET answer = jsonb_set(answer, '{contacts}', (SELECT"
        " coalesce(jsonb_agg(c.one - 'external_id' ORDER BY c.place), '[]')"
        " FROM jsonb_array_elements(answer -> 'contacts') WITH ORDINALITY AS c(one, place)))"
        " WHERE jsonb_typeof(answer -> 'contacts') = 'array'"
    )
    # A request that was begun anew was stored as JSON's null, which is not the column's.
    op.execute("UPDATE kept_answer SET answer = NULL WHERE jsonb_typeof(answer) = 'null'")
    op.execute(
        'CREATE FUNCTION event_lead_closed() RETURNS trigger LANGUAGE plpgsql AS'
        f' $$ BEGIN {CLOSED} RETURN NULL; END $$'
    )
    op.execute(
        'CREATE TRIGGER event_lead_closed AFTER UPDATE OF state ON lead FOR EACH ROW'
        " WHEN (NEW.state = 'done' AND OLD.state <> 'done') EXECUTE FUNCTION event_lead_closed()"
    )


def downgrade() -> None:
    op.execute('DROP TRIGGER event_lead_closed ON lead')
    op.execute('DROP FUNCTION event_lead_closed()')
    op.execute("DELETE FROM event_waiting WHERE kind = 'lead.closed'")
    op.execute("DELETE FROM event WHERE kind = 'lead.closed'")
    op.execute('DELETE FROM kept_answer')  # the program before would repeat them without their keys
    op.add_column(
        'webhook_endpoint', sa.Column('replays', sa.Integer(), nullable=False, server_default='0')
    )
    op.execute(
        'UPDATE webhook_endpoint e SET replays = l.most FROM (SELECT endpoint_id, max(replays) AS most'
        ' FROM webhook_lane GROUP BY endpoint_id) AS l WHERE l.endpoint_id = e.id'
    )
    op.alter_column('webhook_endpoint', 'replays', server_default=None)
    op.drop_column('webhook_lane', 'replays')
    op.drop_constraint('ck_event_head_gone', 'event_head')
    op.drop_column('event_head', 'gone_position')
