"""Verdicts of the detection of answering machines, and the switch it turns off by itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('amd_verdict',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('treatment', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('analysed_ms', sa.Integer(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('message_left', sa.Boolean(), nullable=False),
    sa.Column('message_bar', sa.String(), nullable=False),
    sa.Column('judged', sa.String(), nullable=True),
    sa.Column('judged_by', sa.Uuid(), nullable=True),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(judged IS NULL) = (judged_at IS NULL)', name='ck_amd_verdict_judged'),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['judged_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('attempt_id')
    )
    op.create_index('ix_amd_verdict_machines', 'amd_verdict', ['campaign_id', 'found_at'], unique=False, postgresql_where=sa.text("verdict = 'machine'"))
    op.create_table('amd_switch',
    sa.Column('campaign_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('off_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('counts_since', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('campaign_id')
    )


def downgrade() -> None:
    op.drop_table('amd_switch')
    op.drop_index('ix_amd_verdict_machines', table_name='amd_verdict', postgresql_where=sa.text("verdict = 'machine'"))
    op.drop_table('amd_verdict')
