"""Shifts in several campaigns: their weights, the leg handed over, and whose time each stretch was."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('agent_session_campaign',
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('weight', sa.Float(), nullable=False),
    sa.CheckConstraint('weight >= 0.001', name='ck_agent_session_campaign_weight'),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['session_id'], ['agent_session.id'], ),
    sa.PrimaryKeyConstraint('session_id', 'campaign_id')
    )
    op.create_index(
        op.f('ix_agent_session_campaign_campaign_id'), 'agent_session_campaign', ['campaign_id']
    )
    op.create_index(
        'ix_agent_session_open', 'agent_session', ['client_id'],
        postgresql_where=sa.text('ended_at IS NULL'),
    )
    op.add_column('agent_session', sa.Column('leg_channel', sa.String(), nullable=True))
    op.add_column('agent_session', sa.Column('leg_bridge', sa.String(), nullable=True))
    op.add_column('agent_state_entry', sa.Column('campaign_id', sa.Uuid(), nullable=True))
    # Until now a shift was in one campaign: all its time was that one's.
    op.execute(
        'UPDATE agent_state_entry SET campaign_id = shift.campaign_id'
        ' FROM agent_session AS shift WHERE shift.id = agent_state_entry.session_id'
    )
    op.alter_column('agent_state_entry', 'campaign_id', nullable=False)
    op.create_foreign_key(
        'agent_state_entry_campaign_id_fkey', 'agent_state_entry', 'campaign', ['campaign_id'], ['id']
    )
    op.create_index('ix_agent_state_entry_campaign', 'agent_state_entry', ['campaign_id', 'started_at'])


def downgrade() -> None:
    op.drop_index('ix_agent_state_entry_campaign', table_name='agent_state_entry')
    op.drop_column('agent_state_entry', 'campaign_id')
    op.drop_index('ix_agent_session_open', table_name='agent_session')
    op.drop_column('agent_session', 'leg_bridge')
    op.drop_column('agent_session', 'leg_channel')
    op.drop_index(op.f('ix_agent_session_campaign_campaign_id'), table_name='agent_session_campaign')
    op.drop_table('agent_session_campaign')
