"""Lists that are staged and can be undone; the gate's ledger; lanes and places of leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'

#: Columns whose default served the rows that were there; the models say what new rows have.
_DEFAULTED = (
    ('attempt', 'subject'),
    ('attempt', 'reserved_agent'),
    ('caller_id', 'region'),
    ('caller_id', 'attestation'),
    ('caller_id', 'label'),
    ('campaign', 'selection_due'),
    ('campaign', 'selection_version'),
    ('client', 'legal_entity'),
    ('contact', 'priority'),
    ('disposition', 'refuses'),
    ('lead', 'sort_key'),
    ('suppression', 'source'),
)

# A foreign key is checked row by row, which costs more than all indexes of an import together. These
# triggers check a statement's rows at once, and the owner of both ends too (ADR 0011):
# (name, event, table, which rows, (query that finds a fault, its sentence)...)
_PARENTS = (
    ('contact_has_list', 'INSERT', 'contact', 'NEW', (
        'FROM fresh n LEFT JOIN contact_list l ON l.id = n.list_id AND l.client_id = n.client_id'
        ' WHERE l.id IS NULL', 'a contact has no list of its client')),
    ('phone_has_contact', 'INSERT', 'phone', 'NEW', (
        'FROM fresh n LEFT JOIN contact c ON c.id = n.contact_id AND c.client_id = n.client_id'
        ' WHERE c.id IS NULL', 'a phone has no contact of its client'), (
        'place_id FROM fresh EXCEPT SELECT id FROM place', 'a phone has no place')),
    ('lead_has_parents', 'INSERT', 'lead', 'NEW', (
        'FROM fresh n LEFT JOIN contact c ON c.id = n.contact_id AND c.client_id = n.client_id'
        ' WHERE c.id IS NULL', 'a lead has no contact of its client'), (
        'campaign_id, client_id FROM fresh EXCEPT SELECT id, client_id FROM campaign',
        'a lead has no campaign of its client')),
    ('contact_is_free', 'DELETE', 'contact', 'OLD', (
        'FROM fresh o JOIN phone p ON p.contact_id = o.id', 'a contact still has phones'), (
        'FROM fresh o JOIN lead l ON l.contact_id = o.id', 'a contact still has leads')),
    ('list_is_free', 'DELETE', 'contact_list', 'OLD', (
        'FROM fresh o JOIN contact c ON c.list_id = o.id', 'a list still has contacts')),
    ('campaign_is_free', 'DELETE', 'campaign', 'OLD', (
        'FROM fresh o JOIN lead l ON l.campaign_id = o.id', 'a campaign still has leads')),
)


def _check_parents() -> None:
    for name, event, table, rows, *faults in _PARENTS:
        checks = ''.join(
            f"IF EXISTS (SELECT {query}) THEN RAISE foreign_key_violation"
            f" USING MESSAGE = '{sentence}'; END IF; "
            for query, sentence in faults
        )
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS'
            f' $$ BEGIN {checks} RETURN NULL; END $$'
        )
        op.execute(
            f'CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} TABLE AS fresh'
            f' FOR EACH STATEMENT EXECUTE FUNCTION {name}()'
        )


def _place_what_is_there() -> None:
    """Give the leads of the first release their lanes.

    Their numbers were never placed under a law: they are not dialled until
    ``outdial compliance place-again`` has done so.
    """
    op.execute(
        """
        INSERT INTO place (zones, jurisdictions, source, confidence)
        SELECT DISTINCT CAST('{}' AS varchar[]), CAST('{}' AS varchar[]), 'none', 'unknown' FROM phone
        """
    )
    op.execute('UPDATE phone SET place_id = place.id FROM place')
    op.execute(
        """
        INSERT INTO lane (campaign_id, lane, list_id, priority, quota_cell)
        SELECT campaign_id, 2 * row_number() OVER (PARTITION BY campaign_id ORDER BY list_id), list_id, 0, 0
        FROM (SELECT DISTINCT l.campaign_id, c.list_id FROM lead l JOIN contact c ON c.id = l.contact_id) d
        """
    )
    op.execute(
        """
        UPDATE lead SET place_id = p.place_id, sort_key = c.source_row,
               lane = n.lane + CASE WHEN lead.attempts_made > 0 THEN 1 ELSE 0 END,
               state = CASE WHEN lead.state = 'claimed' THEN 'waiting' ELSE lead.state END,
               e164 = p.e164, person_key = c.external_key
        FROM phone p, contact c, lane n
        WHERE p.contact_id = lead.contact_id AND p.position = lead.phone_position
          AND c.id = lead.contact_id AND n.campaign_id = lead.campaign_id AND n.list_id = c.list_id
        """
    )
    op.alter_column('phone', 'place_id', nullable=False)
    op.alter_column('lead', 'place_id', nullable=False)
    op.alter_column('lead', 'e164', nullable=False)
    op.create_check_constraint('ck_lead_e164', 'lead', "state = 'done' OR e164 <> ''")


def upgrade() -> None:
    op.create_table('place',
    sa.Column('id', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('zones', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('jurisdictions', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('confidence', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('zones', 'jurisdictions', 'source', 'confidence')
    )
    op.create_table('dnc_list',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=True),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('semantics', sa.String(), nullable=False),
    sa.Column('always_applies', sa.Boolean(), nullable=False),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('numbers', sa.Integer(), nullable=False),
    sa.Column('obtained_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('max_age_days', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('client_id', 'code', postgresql_nulls_not_distinct=True)
    )
    op.create_index(op.f('ix_dnc_list_client_id'), 'dnc_list', ['client_id'], unique=False)
    op.create_table('import_mapping',
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('headings_sha256', sa.String(), nullable=False),
    sa.Column('mapping', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('client_id', 'headings_sha256')
    )
    op.create_table('segment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('filter', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('client_id', 'name')
    )
    op.create_index(op.f('ix_segment_client_id'), 'segment', ['client_id'], unique=False)
    op.create_table('caller_id_use',
    sa.Column('caller_id_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['caller_id_id'], ['caller_id.id'], ),
    sa.PrimaryKeyConstraint('caller_id_id', 'day')
    )
    op.create_table('consent_record',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('e164', sa.String(collation='C'), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('proof', sa.String(), nullable=False),
    sa.Column('import_id', sa.Uuid(), nullable=True),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['recorded_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_consent_record_number', 'consent_record', ['client_id', 'e164'], unique=False)
    op.create_index('ix_consent_record_kind', 'consent_record', ['client_id', 'kind'], unique=False)
    op.create_table('emergency_switch',
    sa.Column('switch', sa.String(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('changed_by', sa.Uuid(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('switch')
    )
    op.create_table('erasure_receipt',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('subject_hash', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('erased_by', sa.Uuid(), nullable=True),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['erased_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_erasure_receipt_client_id'), 'erasure_receipt', ['client_id'], unique=False)
    op.create_table('list_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('list_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('state_reason', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('file_name', sa.String(), nullable=False),
    sa.Column('file_sha256', sa.String(), nullable=False),
    sa.Column('file_bytes', sa.Integer(), nullable=False),
    sa.Column('stored_as', sa.String(), nullable=True),
    sa.Column('shape', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('mapping', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('rows_in', sa.Integer(), nullable=False),
    sa.Column('rows_accepted', sa.Integer(), nullable=False),
    sa.Column('rows_refused', sa.Integer(), nullable=False),
    sa.Column('phones', sa.Integer(), nullable=False),
    sa.Column('refused_by_reason', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('warnings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('uploaded_by', sa.Uuid(), nullable=True),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('committed_by', sa.Uuid(), nullable=True),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state IN ('committed', 'undone')) <= (list_id IS NOT NULL)", name='ck_list_import_list'),
    sa.CheckConstraint('rows_in = rows_accepted + rows_refused', name='ck_list_import_rows'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['list_id'], ['contact_list.id'], ),
    sa.ForeignKeyConstraint(['committed_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['uploaded_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_list_import_client_id'), 'list_import', ['client_id'], unique=False)
    op.create_index(op.f('ix_list_import_list_id'), 'list_import', ['list_id'], unique=False)
    op.create_table('rule_exemption',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('rule_id', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Uuid(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name='ck_exemption_approval'),
    sa.CheckConstraint('approved_by IS DISTINCT FROM proposed_by', name='ck_exemption_two_persons'),
    sa.CheckConstraint('length(trim(reason)) >= 10', name='ck_exemption_reason'),
    sa.ForeignKeyConstraint(['approved_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['ended_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['proposed_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_rule_exemption_client_id'), 'rule_exemption', ['client_id'], unique=False)
    op.create_index('uq_rule_exemption_open', 'rule_exemption', ['client_id', 'rule_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('callback',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('promised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('agent', sa.String(), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_callback_lead', 'callback', ['lead_id'], unique=False)
    op.create_index('ix_callback_open', 'callback', ['campaign_id', 'promised_at'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index('uq_callback_open_lead', 'callback', ['lead_id'], unique=True, postgresql_where=sa.text("state = 'open'"))
    op.create_table('campaign_caller_id',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('caller_id_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['caller_id_id'], ['caller_id.id'], ),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'caller_id_id')
    )
    op.create_table('contact_change',
    sa.Column('import_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('source_row', sa.Integer(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['list_import.id'], ),
    sa.PrimaryKeyConstraint('import_id', 'contact_id')
    )
    op.create_table('lane',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('lane', sa.SmallInteger(), nullable=False),
    sa.Column('list_id', sa.Uuid(), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('quota_cell', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('lane % 2 = 0', name='ck_lane_even'),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['list_id'], ['contact_list.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'lane'),
    sa.UniqueConstraint('campaign_id', 'list_id', 'priority', 'quota_cell')
    )
    op.create_table('refusal_sample',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('e164', sa.String(collation='C'), nullable=False),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reasons', sa.ARRAY(sa.String()), nullable=False),
    sa.Column('decision', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['lead_id'], ['lead.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_refusal_sample_campaign', 'refusal_sample', ['campaign_id', 'refused_at'], unique=False)
    op.create_index('ix_refusal_sample_lead', 'refusal_sample', ['lead_id'], unique=False)
    op.create_index('ix_refusal_sample_number', 'refusal_sample', ['e164', 'refused_at'], unique=False)
    op.add_column('attempt', sa.Column('subject', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('attempt', sa.Column('reserved_agent', sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index('ix_attempt_contact', 'attempt', ['contact_id', 'started_at'], unique=False)
    op.add_column('caller_id', sa.Column('region', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('caller_id', sa.Column('attestation', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('caller_id', sa.Column('label', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('caller_id', sa.Column('daily_cap', sa.Integer(), nullable=True))
    op.add_column('caller_id', sa.Column('rest_s', sa.Integer(), nullable=True))
    op.add_column('caller_id', sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('campaign', sa.Column('selection_due', sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column('campaign', sa.Column('selection_version', sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index('ix_attempt_answered', 'attempt', ['client_id', 'started_at'], unique=False, postgresql_where=sa.text('answered_at IS NOT NULL'))
    op.create_index('ix_attempt_disposition', 'attempt', ['campaign_id', 'disposition'], unique=False, postgresql_where=sa.text('disposition IS NOT NULL'))
    op.add_column('client', sa.Column('legal_entity', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('client', sa.Column('allowed_countries', sa.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.add_column('client', sa.Column('allowed_number_types', sa.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.add_column('contact', sa.Column('import_id', sa.Uuid(), nullable=True))
    op.add_column('contact', sa.Column('external_key', sa.String(), nullable=True))
    op.add_column('contact', sa.Column('language', sa.String(), nullable=True))
    op.add_column('contact', sa.Column('region', sa.String(), nullable=True))
    op.add_column('contact', sa.Column('zone', sa.String(), nullable=True))
    op.add_column('contact', sa.Column('priority', sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column('contact', sa.Column('owner', sa.String(), nullable=True))
    op.add_column('contact', sa.Column('tags', sa.ARRAY(sa.String()), server_default='{}', nullable=False))
    op.add_column('contact', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f('ix_contact_client_id'), table_name='contact')
    op.drop_index(op.f('ix_contact_list_id'), table_name='contact')
    op.create_index('ix_contact_external_key', 'contact', ['client_id', 'external_key'], unique=False, postgresql_where=sa.text('external_key IS NOT NULL'))
    op.drop_constraint(op.f('contact_client_id_fkey'), 'contact', type_='foreignkey')
    op.drop_constraint(op.f('contact_list_id_fkey'), 'contact', type_='foreignkey')
    op.add_column('disposition', sa.Column('refuses', sa.Boolean(), server_default=sa.text("false"), nullable=False))
    # What the default dispositions of new campaigns say of themselves since then.
    op.execute("UPDATE disposition SET refuses = true WHERE code IN ('refused', 'no_interest', 'do_not_call')")
    op.add_column('lead', sa.Column('lane', sa.SmallInteger(), nullable=True))
    op.add_column('lead', sa.Column('place_id', sa.Integer(), nullable=True))
    op.add_column('lead', sa.Column('sort_key', sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column('lead', sa.Column('reserved_for', sa.String(), nullable=True))
    op.add_column('lead', sa.Column('e164', sa.String(collation='C'), nullable=True))
    op.add_column('lead', sa.Column('person_key', sa.String(), nullable=True))
    op.drop_constraint('lead_campaign_id_contact_id_key', 'lead', type_='unique')
    op.create_unique_constraint('lead_contact_id_campaign_id_key', 'lead', ['contact_id', 'campaign_id'])
    op.drop_index(op.f('ix_lead_campaign_state'), table_name='lead')
    op.drop_index(op.f('ix_lead_client_id'), table_name='lead')
    op.drop_index(op.f('ix_lead_contact_id'), table_name='lead')
    op.drop_index(op.f('ix_lead_due'), table_name='lead', postgresql_where="((state)::text = 'waiting'::text)")
    op.create_index('ix_lead_due', 'lead', ['campaign_id', 'lane', 'place_id', 'next_attempt_at', 'sort_key'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index('ix_lead_dialing', 'lead', ['campaign_id'], unique=False, postgresql_where=sa.text("state = 'dialing'"))
    op.create_table('lead_claim',
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('lead_id')
    )
    op.create_index(op.f('ix_lead_claim_campaign_id'), 'lead_claim', ['campaign_id'], unique=False)
    op.create_index('ix_lead_waiting_reason', 'lead', ['campaign_id', 'waiting_reason'], unique=False, postgresql_where=sa.text("state = 'waiting' AND waiting_reason <> 'new'"))
    op.drop_constraint(op.f('lead_client_id_fkey'), 'lead', type_='foreignkey')
    op.drop_constraint(op.f('lead_contact_id_fkey'), 'lead', type_='foreignkey')
    op.drop_constraint(op.f('lead_campaign_id_fkey'), 'lead', type_='foreignkey')
    op.add_column('phone', sa.Column('place_id', sa.Integer(), nullable=True))
    op.alter_column('phone', 'position', type_=sa.SmallInteger())
    for table in ('phone', 'attempt', 'suppression'):  # exact keys: bytes compare faster than words
        op.execute(f'ALTER TABLE {table} ALTER e164 TYPE varchar COLLATE "C"')
    op.drop_constraint(op.f('phone_contact_id_position_key'), 'phone', type_='unique')
    # A regular expression a row costs more than the row's index.
    op.drop_constraint('ck_phone_e164', 'phone', type_='check')
    op.create_check_constraint('ck_phone_e164', 'phone', "e164 LIKE '+%' AND length(e164) BETWEEN 8 AND 16")
    op.drop_index(op.f('ix_phone_e164'), table_name='phone')
    op.create_index('ix_phone_e164', 'phone', ['e164'], unique=False)
    op.drop_constraint(op.f('phone_client_id_fkey'), 'phone', type_='foreignkey')
    op.drop_constraint(op.f('phone_contact_id_fkey'), 'phone', type_='foreignkey')
    _place_what_is_there()
    op.drop_column('phone', 'zones')
    op.drop_column('phone', 'id')
    op.create_primary_key('phone_pkey', 'phone', ['contact_id', 'position'])
    op.add_column('refused_row', sa.Column('import_id', sa.Uuid(), nullable=True))
    op.create_index(op.f('ix_refused_row_import_id'), 'refused_row', ['import_id'], unique=False)
    op.create_foreign_key('refused_row_import_id_fkey', 'refused_row', 'list_import', ['import_id'], ['id'])
    op.add_column('suppression', sa.Column('campaign_id', sa.Uuid(), nullable=True))
    op.add_column('suppression', sa.Column('source', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('suppression', sa.Column('added_by', sa.Uuid(), nullable=True))
    op.drop_constraint(op.f('suppression_client_id_e164_key'), 'suppression', type_='unique')
    op.create_unique_constraint('suppression_client_id_e164_campaign_id_key', 'suppression', ['client_id', 'e164', 'campaign_id'], postgresql_nulls_not_distinct=True)
    op.create_foreign_key('suppression_added_by_fkey', 'suppression', 'user_account', ['added_by'], ['id'])
    op.create_foreign_key('suppression_campaign_id_fkey', 'suppression', 'campaign', ['campaign_id'], ['id'])
    for table, column in _DEFAULTED:
        op.alter_column(table, column, server_default=None)
    _check_parents()
