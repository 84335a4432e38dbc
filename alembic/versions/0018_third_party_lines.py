"""Which trunk a call's third party takes a line of."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    op.add_column('attempt', sa.Column('party_id', sa.Uuid(), nullable=True))
    op.add_column('attempt', sa.Column('party_trunk_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(
        'attempt_party_trunk_id_fkey', 'attempt', 'trunk', ['party_trunk_id'], ['id']
    )
    op.create_index(
        'ix_attempt_party',
        'attempt',
        ['party_trunk_id'],
        postgresql_where=sa.text('ended_at IS NULL AND party_trunk_id IS NOT NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_attempt_party', 'attempt')
    op.drop_constraint('attempt_party_trunk_id_fkey', 'attempt', type_='foreignkey')
    op.drop_column('attempt', 'party_trunk_id')
    op.drop_column('attempt', 'party_id')
