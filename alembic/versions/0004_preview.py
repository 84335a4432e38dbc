"""What agents are shown before they dial, what they decide, and how it ends."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('preview',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('wish', sa.String(), nullable=True),
    sa.Column('wished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wished_by', sa.Uuid(), nullable=True),
    sa.Column('phone_position', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ending', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (ending IS NULL)', name='ck_preview_end'),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= shown_at', name='ck_preview_order'),
    sa.CheckConstraint('(wish IS NULL) = (wished_at IS NULL)', name='ck_preview_wish'),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['session_id'], ['agent_session.id'], ),
    sa.ForeignKeyConstraint(['wished_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    open_only = sa.text('ended_at IS NULL')
    op.create_index('uq_preview_open_session', 'preview', ['session_id'], unique=True, postgresql_where=open_only)
    op.create_index('uq_preview_open_lead', 'preview', ['lead_id'], unique=True, postgresql_where=open_only)
    op.create_index('ix_preview_campaign', 'preview', ['campaign_id', 'shown_at'], unique=False)
    op.create_index('ix_preview_session', 'preview', ['session_id', 'shown_at'], unique=False)
    op.create_index('ix_preview_lead', 'preview', ['lead_id'], unique=False)
    called = sa.text('attempt_id IS NOT NULL')
    op.create_index('ix_preview_attempt', 'preview', ['attempt_id'], unique=False, postgresql_where=called)


def downgrade() -> None:
    op.drop_table('preview')
