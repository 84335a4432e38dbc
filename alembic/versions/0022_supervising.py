"""Listening supervisors and their telephones, messages to agents, lists that rest, pauses that hold."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        'client',
        sa.Column('monitoring_notice', sa.Boolean(), server_default='false', nullable=False),
    )
    op.add_column('agent_session', sa.Column('held_until', _AT, nullable=True))
    op.add_column(
        'agent_session', sa.Column('held', sa.Boolean(), server_default='false', nullable=False)
    )
    op.create_table(
        'monitoring',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('session_id', sa.Uuid(), nullable=False),
        sa.Column('endpoint', sa.String(), nullable=False),
        sa.Column('mode', sa.String(), nullable=False),
        sa.Column('follow', sa.Boolean(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('call_id', sa.Uuid(), nullable=True),
        sa.Column('take_call_id', sa.Uuid(), nullable=True),
        sa.Column('started_at', _AT, nullable=False),
        sa.Column('ended_at', _AT, nullable=True),
        sa.Column('end_reason', sa.String(), nullable=True),
        sa.CheckConstraint(
            '(ended_at IS NULL) = (end_reason IS NULL)', name='ck_monitoring_end'
        ),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['session_id'], ['agent_session.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index(
        'uq_monitoring_open',
        'monitoring',
        ['user_id'],
        unique=True,
        postgresql_where=sa.text('ended_at IS NULL'),
    )
    op.create_index(
        'ix_monitoring_session',
        'monitoring',
        ['session_id'],
        postgresql_where=sa.text('ended_at IS NULL'),
    )
    op.create_table(
        'supervisor_phone',
        sa.Column('user_id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('browser_id', sa.Uuid(), nullable=False),
        sa.Column('taken_at', _AT, nullable=False),
        sa.Column('removed_at', _AT, nullable=True),
        sa.ForeignKeyConstraint(['user_id'], ['user_account.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('user_id'),
    )
    op.create_table(
        'agent_message',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('agent_id', sa.Uuid(), nullable=False),
        sa.Column('batch_id', sa.Uuid(), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), nullable=True),
        sa.Column('sent_by', sa.Uuid(), nullable=True),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('sent_at', _AT, nullable=False),
        sa.Column('read_at', _AT, nullable=True),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['agent_id'], ['agent.id']),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['sent_by'], ['user_account.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_agent_message_agent', 'agent_message', ['agent_id', 'sent_at'])
    op.create_table(
        'list_pause',
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('list_id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('paused_by', sa.Uuid(), nullable=True),
        sa.Column('paused_at', _AT, nullable=False),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['list_id'], ['contact_list.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.ForeignKeyConstraint(['paused_by'], ['user_account.id']),
        sa.PrimaryKeyConstraint('campaign_id', 'list_id'),
    )


def downgrade() -> None:
    for table in ('list_pause', 'agent_message', 'supervisor_phone', 'monitoring'):
        op.drop_table(table)
    op.drop_column('agent_session', 'held')
    op.drop_column('agent_session', 'held_until')
    op.drop_column('client', 'monitoring_notice')
