"""The live wall: a client's limits, alarms, and screens that show figures by a secret of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    op.create_table('wall_choice',
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('client_id')
    )
    op.create_table('wall_alarm',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('campaign_id', sa.Uuid(), nullable=True),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('ended_at IS NULL OR ended_at >= began_at', name='ck_wall_alarm_order'),
    sa.CheckConstraint(
        '(acknowledged_at IS NULL) = (acknowledged_by IS NULL)', name='ck_wall_alarm_seen'
    ),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaign.id'], ),
    sa.ForeignKeyConstraint(['acknowledged_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_wall_alarm_client', 'wall_alarm', ['client_id', 'began_at'])
    op.create_index(
        'uq_wall_alarm_open',
        'wall_alarm',
        ['client_id', 'code', 'about'],
        unique=True,
        postgresql_where=sa.text('ended_at IS NULL'),
    )
    op.create_table('wall_screen',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('digest')
    )
    op.create_index('ix_wall_screen_client_id', 'wall_screen', ['client_id'])


def downgrade() -> None:
    op.drop_table('wall_screen')
    op.drop_table('wall_alarm')
    op.drop_table('wall_choice')
