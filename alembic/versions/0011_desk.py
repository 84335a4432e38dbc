"""The operator's desk: keys, notes and callbacks of dispositions; notes of calls; corrected fields."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'

CODES = {'sale': '1.1', 'done': '1.1', 'no_interest': '2.11', 'refused': '2.11', 'do_not_call': '2.11'}


def upgrade() -> None:
    never = {'server_default': 'false', 'nullable': False}
    op.add_column('disposition', sa.Column('requires_note', sa.Boolean(), **never))
    op.add_column('disposition', sa.Column('requires_callback', sa.Boolean(), **never))
    op.add_column('disposition', sa.Column('hot_key', sa.String(), nullable=True))
    op.add_column('disposition', sa.Column('aapor', sa.String(), nullable=True))
    op.create_check_constraint('ck_disposition_hot_key', 'disposition', "hot_key ~ '^[a-z1-9]$'")
    op.create_check_constraint('ck_disposition_aapor', 'disposition', r"aapor ~ '^[1-4]\.[0-9]{1,3}$'")
    for code, aapor in CODES.items():
        op.execute(f"UPDATE disposition SET aapor = '{aapor}' WHERE code = '{code}'")
    op.create_table('attempt_note',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], ),
    sa.ForeignKeyConstraint(['written_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('attempt_id')
    )
    op.create_index('ix_attempt_note_client_id', 'attempt_note', ['client_id'], unique=False)
    op.create_table('contact_edit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('before', sa.String(), nullable=False),
    sa.Column('after', sa.String(), nullable=False),
    sa.Column('edited_by', sa.Uuid(), nullable=True),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], ),
    sa.ForeignKeyConstraint(['edited_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_contact_edit_contact', 'contact_edit', ['contact_id', 'edited_at'], unique=False)
    # The card asks for the contact's interviews, the own figures for those of a call.
    op.create_index('ix_interview_contact', 'interview', ['contact_id'], unique=False,
                    postgresql_where=sa.text('contact_id IS NOT NULL'))
    op.create_index('ix_interview_attempt', 'interview', ['attempt_id'], unique=False,
                    postgresql_where=sa.text('attempt_id IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_interview_attempt', 'interview')
    op.drop_index('ix_interview_contact', 'interview')
    op.drop_table('contact_edit')
    op.drop_table('attempt_note')
    op.drop_constraint('ck_disposition_aapor', 'disposition')
    op.drop_constraint('ck_disposition_hot_key', 'disposition')
    for column in ('aapor', 'hot_key', 'requires_callback', 'requires_note'):
        op.drop_column('disposition', column)
