"""What became of recordings, and clients' wishes for them."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    op.create_table(
        'recording',
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('talked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('object', sa.String(), nullable=True),
        sa.Column('sealed_key', sa.String(), nullable=True),
        sa.Column('size', sa.Integer(), nullable=True),
        sa.Column('duration_s', sa.Float(), nullable=True),
        sa.Column('peaks', sa.LargeBinary(), nullable=True),
        sa.Column('kept_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('has_wav', sa.Boolean(), nullable=False),
        sa.Column('law_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('law_rules', sa.ARRAY(sa.String()), server_default='{}', nullable=False),
        sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('hold_reason', sa.String(), nullable=True),
        sa.Column('erase_asked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'kept') = (sealed_key IS NOT NULL)", name='ck_recording_kept_has_key'
        ),
        sa.CheckConstraint(
            '(held_at IS NULL) = (hold_reason IS NULL)', name='ck_recording_hold_reason'
        ),
        sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id']),
        sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id']),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('attempt_id'),
    )
    op.create_index('ix_recording_client', 'recording', ['client_id', 'talked_at'])
    op.create_index('ix_recording_campaign', 'recording', ['campaign_id', 'talked_at'])
    op.create_index(
        'ix_recording_to_do',
        'recording',
        ['next_try_at'],
        postgresql_where=sa.text("state IN ('waiting', 'deleting') OR has_wav"),
    )
    op.create_table(
        'recording_policy',
        sa.Column('client_id', sa.Uuid(), nullable=False),
        sa.Column('keep_days', sa.Integer(), nullable=True),
        sa.Column('mask', sa.String(), nullable=False),
        sa.Column('personal_questions', sa.ARRAY(sa.String()), server_default='{}', nullable=False),
        sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('keep_days >= 1', name='ck_recording_policy_days'),
        sa.ForeignKeyConstraint(['client_id'], ['client.id']),
        sa.PrimaryKeyConstraint('client_id'),
    )


def downgrade() -> None:
    op.drop_table('recording_policy')
    op.drop_index('ix_recording_to_do', 'recording')
    op.drop_index('ix_recording_campaign', 'recording')
    op.drop_index('ix_recording_client', 'recording')
    op.drop_table('recording')
