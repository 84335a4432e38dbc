"""Changes of settings of law by two persons; virtual agents of a campaign."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0019'
down_revision = '0018'


def upgrade() -> None:
    op.add_column(
        'client', sa.Column('two_person_law', sa.Boolean(), server_default='true', nullable=False)
    )
    op.create_table(
        'law_change',
        sa.Column('id', sa.Uuid(), primary_key=True),
        sa.Column('client_id', sa.Uuid(), sa.ForeignKey('client.id'), nullable=False),
        sa.Column('subject', sa.String(), nullable=False),
        sa.Column('subject_id', sa.Uuid(), nullable=True),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('changes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('requested_by', sa.Uuid(), sa.ForeignKey('user_account.id'), nullable=False),
        sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('decision', sa.String(), nullable=True),
        sa.Column('decided_by', sa.Uuid(), sa.ForeignKey('user_account.id'), nullable=True),
        sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('decision_reason', sa.String(), nullable=False),
        sa.CheckConstraint(
            '(decided_at IS NULL) = (decision IS NULL)', name='ck_law_change_decision'
        ),
        sa.CheckConstraint(
            "decision IS DISTINCT FROM 'approved' OR decided_by <> requested_by",
            name='ck_law_change_second_person',
        ),
    )
    op.create_index('ix_law_change_client', 'law_change', ['client_id', 'requested_at'])
    op.create_table(
        'virtual_crew',
        sa.Column('id', sa.Uuid(), primary_key=True),
        sa.Column('client_id', sa.Uuid(), sa.ForeignKey('client.id'), nullable=False),
        sa.Column('campaign_id', sa.Uuid(), sa.ForeignKey('campaign.id'), nullable=False),
        sa.Column('agents', sa.Integer(), nullable=False),
        sa.Column('asked_by', sa.Uuid(), sa.ForeignKey('user_account.id'), nullable=True),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint('campaign_id'),
        sa.CheckConstraint('agents BETWEEN 1 AND 40', name='ck_virtual_crew_agents'),
    )
    op.create_index(op.f('ix_virtual_crew_client_id'), 'virtual_crew', ['client_id'])


def downgrade() -> None:
    op.drop_table('virtual_crew')
    op.drop_table('law_change')
    op.drop_column('client', 'two_person_law')
