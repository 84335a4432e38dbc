"""Parts of talks: holds, third parties, gaps in recordings; and when the agent left a call that went on."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.add_column('attempt', sa.Column('left_at', sa.DateTime(timezone=True), nullable=True))
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
    op.drop_column('attempt', 'left_at')
