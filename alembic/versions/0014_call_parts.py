"""Parts of talks, and when the agent left a call that went on; forced wishes and longer wrap-ups of shifts."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    op.add_column('attempt', sa.Column('left_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('agent_session', sa.Column('forced_by', sa.Uuid(), nullable=True))
    op.add_column('agent_session', sa.Column('forced_reason', sa.String(), nullable=True))
    op.add_column('agent_session', sa.Column('forced_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('agent_session', sa.Column('extended_call', sa.Uuid(), nullable=True))
    op.add_column('agent_session', sa.Column('extensions', sa.Integer(), server_default='0', nullable=False))
    op.alter_column('agent_session', 'extensions', server_default=None)
    op.create_foreign_key('agent_session_forced_by_fkey', 'agent_session', 'user_account', ['forced_by'], ['id'])
    op.create_table('call_part',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ending', sa.String(), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (ending IS NULL)', name='ck_call_part_end'),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= began_at', name='ck_call_part_order'),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('attempt_id', 'kind', 'began_at')
    )


def downgrade() -> None:
    op.drop_table('call_part')
    for column in ('extensions', 'extended_call', 'forced_at', 'forced_reason', 'forced_by'):
        op.drop_column('agent_session', column)
    op.drop_column('attempt', 'left_at')
