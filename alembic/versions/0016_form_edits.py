"""Steps of a form's draft: none is done twice, and each can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'

GUARD = (
    "IF NOT EXISTS (SELECT FROM form WHERE id = NEW.form_id AND client_id = NEW.client_id) THEN"
    " RAISE EXCEPTION 'another client''s form' USING ERRCODE = 'foreign_key_violation'; END IF;"
    " RETURN NEW;"
)


def upgrade() -> None:
    op.create_table('form_edit',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('form_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('after', sa.String(), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], ),
    sa.ForeignKeyConstraint(['edited_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('form_id', 'token'),
    sa.UniqueConstraint('form_id', 'position')
    )
    op.execute(
        f'CREATE FUNCTION form_edit_client() RETURNS trigger LANGUAGE plpgsql'
        f' AS $$ BEGIN {GUARD} END $$'
    )
    op.execute(
        'CREATE TRIGGER form_edit_client BEFORE INSERT OR UPDATE ON form_edit'
        ' FOR EACH ROW EXECUTE FUNCTION form_edit_client()'
    )


def downgrade() -> None:
    op.drop_table('form_edit')
    op.execute('DROP FUNCTION form_edit_client()')
