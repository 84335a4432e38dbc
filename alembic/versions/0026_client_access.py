"""People of the call centre who work for several clients; clients that are archived; how a client looks."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'


def upgrade() -> None:
    op.add_column('client', sa.Column('zone', sa.String(), server_default='', nullable=False))
    op.add_column('client', sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        'user_account',
        sa.Column('manages_clients', sa.Boolean(), server_default='false', nullable=False),
    )
    op.add_column('user_session', sa.Column('works_for', sa.Uuid(), nullable=True))
    op.create_foreign_key(
        'user_session_works_for_fkey', 'user_session', 'client', ['works_for'], ['id']
    )
    op.create_table('client_access',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('given_by', sa.Uuid(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['given_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('user_id', 'client_id')
    )
    op.create_index('ix_client_access_client_id', 'client_access', ['client_id'], unique=False)
    op.create_table('client_look',
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('domain', sa.String(), nullable=True),
    sa.Column('accent', sa.String(), nullable=False),
    sa.Column('accent_dark', sa.String(), nullable=False),
    sa.Column('logo', sa.LargeBinary(), nullable=True),
    sa.Column('logo_type', sa.String(), nullable=True),
    sa.Column('logo_sha256', sa.String(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('octet_length(logo) <= 262144', name='ck_client_look_logo'),
    sa.CheckConstraint('(logo IS NULL) = (logo_type IS NULL)', name='ck_client_look_type'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('client_id'),
    sa.UniqueConstraint('domain')
    )


def downgrade() -> None:
    op.drop_table('client_look')
    op.drop_table('client_access')
    op.drop_constraint('user_session_works_for_fkey', 'user_session', type_='foreignkey')
    op.drop_column('user_session', 'works_for')
    op.drop_column('user_account', 'manages_clients')
    op.drop_column('client', 'archived_at')
    op.drop_column('client', 'zone')
