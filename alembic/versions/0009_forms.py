"""Forms, their versions (immutable once published), interviews and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'

GUARDS = {
    # A version that people answered must stay what they answered.
    'form_version_published': (
        'form_version', 'UPDATE OR DELETE',
        "IF OLD.published_at IS NOT NULL THEN"
        " RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';"
        " END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    ),
    'form_version_client': (
        'form_version', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM form WHERE id = NEW.form_id AND client_id = NEW.client_id) THEN"
        " RAISE EXCEPTION 'another client''s form' USING ERRCODE = 'foreign_key_violation'; END IF;"
        " RETURN NEW;",
    ),
    'interview_client': (
        'interview', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM form_version WHERE id = NEW.form_version_id"
        " AND form_id = NEW.form_id AND client_id = NEW.client_id AND published_at IS NOT NULL) THEN"
        " RAISE EXCEPTION 'another client''s form, or one that is not published'"
        " USING ERRCODE = 'foreign_key_violation'; END IF;"
        " IF TG_OP = 'UPDATE' AND NEW.form_version_id <> OLD.form_version_id THEN"
        " RAISE EXCEPTION 'an interview ends on the version it began with'"
        " USING ERRCODE = 'restrict_violation'; END IF;"
        " RETURN NEW;",
    ),
    'interview_answer_client': (
        'interview_answer', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM interview WHERE id = NEW.interview_id"
        " AND client_id = NEW.client_id) THEN"
        " RAISE EXCEPTION 'another client''s interview' USING ERRCODE = 'foreign_key_violation';"
        " END IF; RETURN NEW;",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.create_table('form',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('client_id', 'code')
    )
    op.create_table('form_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('form_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('number >= 1', name='ck_form_version_number'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['published_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('form_id', 'number')
    )
    op.create_index('uq_form_version_draft', 'form_version', ['form_id'], unique=True, postgresql_where=sa.text('published_at IS NULL'))
    op.create_table('interview',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('form_id', sa.Uuid(), nullable=False),
    sa.Column('form_version_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=True),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('began_on', sa.Date(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ending', sa.String(), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (ending IS NULL)', name='ck_interview_end'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['form_id'], ['form.id'], ),
    sa.ForeignKeyConstraint(['form_version_id'], ['form_version.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_interview_version', 'interview', ['form_version_id'], unique=False)
    op.create_index('uq_interview_open', 'interview', ['contact_id', 'form_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL AND contact_id IS NOT NULL'))
    op.create_table('interview_answer',
    sa.Column('interview_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['interview_id'], ['interview.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['saved_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('interview_id', 'code')
    )
    for name, (table, event, body) in GUARDS.items():
        op.execute(
            f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$'
        )
        op.execute(
            f'CREATE TRIGGER {name} BEFORE {event} ON {table}'
            f' FOR EACH ROW EXECUTE FUNCTION {name}()'
        )


def downgrade() -> None:
    for table in ('interview_answer', 'interview', 'form_version', 'form'):
        op.drop_table(table)
    for name in GUARDS:
        op.execute(f'DROP FUNCTION {name}()')
