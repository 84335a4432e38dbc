"""What pacing learned, its decisions second by second, and what each call's placing rested on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('pacing_memory',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('learned', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id')
    )
    op.create_table('pacing_trace',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seconds', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id', 'began_at')
    )
    op.create_index('ix_pacing_trace_ended_at', 'pacing_trace', ['ended_at'], unique=False)
    op.add_column('attempt', sa.Column('pacing', postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column('attempt', 'pacing')
    op.drop_index('ix_pacing_trace_ended_at', table_name='pacing_trace')
    op.drop_table('pacing_trace')
    op.drop_table('pacing_memory')
