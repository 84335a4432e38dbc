"""Exports, their layouts (immutable once frozen), results of interviews ready to be exported, original files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0024'
down_revision = '0023'

GUARDS = {
    # A client's programs read a layout's columns: the file of next month has the same ones.
    'export_layout_frozen': (
        'BEFORE UPDATE OR DELETE ON export_layout',
        "IF OLD.frozen_at IS NOT NULL THEN"
        " RAISE EXCEPTION 'a frozen layout never changes' USING ERRCODE = 'restrict_violation';"
        " END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    ),
    # Another answer may send the walk along another way: what counted before counts no more.
    'interview_result_stale': (
        'AFTER INSERT OR UPDATE ON interview_answer',
        "UPDATE interview_result SET stale = true WHERE interview_id = NEW.interview_id"
        " AND NOT stale; RETURN NULL;",
    ),
}  # fmt: skip


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    at = sa.DateTime(timezone=True)
    op.create_table(
        'export_layout',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('content', json, nullable=False),
        sa.Column('created_at', at, nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('frozen_at', at, nullable=True),
        sa.Column('frozen_by', sa.Uuid(), nullable=True),
        sa.CheckConstraint('number >= 1', name='ck_export_layout_number'),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['created_by'], ['user_account.id']),
        sa.ForeignKeyConstraint(['frozen_by'], ['user_account.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('campaign_id', 'number'),
    )
    op.create_index(
        'uq_export_layout_draft',
        'export_layout',
        ['campaign_id'],
        unique=True,
        postgresql_where=sa.text('frozen_at IS NULL'),
    )
    op.create_table(
        'export',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('layout_id', sa.Uuid(), nullable=True),
        sa.Column('format', sa.String(), nullable=False),
        sa.Column('options', json, nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('state_reason', sa.String(), nullable=False),
        sa.Column('rows_total', sa.Integer(), nullable=True),
        sa.Column('rows_done', sa.Integer(), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('file_name', sa.String(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('facts', json, nullable=False),
        sa.Column('asked_by', sa.Uuid(), nullable=True),
        sa.Column('asked_at', at, nullable=False),
        sa.Column('started_at', at, nullable=True),
        sa.Column('ended_at', at, nullable=True),
        sa.CheckConstraint("(state = 'done') <= (sha256 <> '')", name='ck_export_done'),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['layout_id'], ['export_layout.id']),
        sa.ForeignKeyConstraint(['asked_by'], ['user_account.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_export_client_id', 'export', ['client_id'])
    op.create_index('ix_export_campaign', 'export', ['campaign_id', 'asked_at'])
    op.create_index(
        'ix_export_open',
        'export',
        ['asked_at'],
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        'interview_result',
        sa.Column('interview_id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('answers', json, nullable=False),
        sa.Column('stale', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['interview_id'], ['interview.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('interview_id'),
    )
    op.create_index(
        'ix_interview_result_stale',
        'interview_result',
        ['client_id'],
        postgresql_where=sa.text('stale'),
    )
    op.create_table(
        'original_file',
        sa.Column('import_id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('list_id', sa.Uuid(), nullable=False),
        sa.Column('first_row', sa.Integer(), nullable=False),
        sa.Column('stored_as', sa.String(), nullable=False),
        sa.Column('dropped', json, nullable=False),
        sa.Column('kept_at', at, nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['list_import.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['list_id'], ['contact_list.id']),
        sa.PrimaryKeyConstraint('import_id'),
    )
    op.create_index('ix_original_file_client_id', 'original_file', ['client_id'])
    op.create_index('ix_original_file_list_id', 'original_file', ['list_id'])
    for name, (event, body) in GUARDS.items():
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$'
        )
        op.execute(f'CREATE TRIGGER {name} {event} FOR EACH ROW EXECUTE FUNCTION {name}()')


def downgrade() -> None:
    op.execute('DROP TRIGGER interview_result_stale ON interview_answer')
    for table in ('original_file', 'interview_result', 'export', 'export_layout'):
        op.drop_table(table)
    for name in GUARDS:
        op.execute(f'DROP FUNCTION {name}()')
