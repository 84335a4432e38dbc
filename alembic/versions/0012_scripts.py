"""Scripts and the knowledge base: versions that never change once published, full-text search in three languages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'

NEVER = (
    " RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'restrict_violation';"
)

GUARDS = {
    'script_version_published': (
        'script_version', 'UPDATE OR DELETE',
        f"IF OLD.published_at IS NOT NULL THEN {NEVER} END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
    ),
    'script_version_client': (
        'script_version', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM script WHERE id = NEW.script_id AND client_id = NEW.client_id) THEN"
        " RAISE EXCEPTION 'another client''s script' USING ERRCODE = 'foreign_key_violation'; END IF;"
        " RETURN NEW;",
    ),
    'script_reading_client': (
        'script_reading', 'INSERT OR UPDATE',
        "IF NOT EXISTS (SELECT FROM script_version WHERE id = NEW.script_version_id"
        " AND client_id = NEW.client_id AND published_at IS NOT NULL)"
        " OR NOT EXISTS (SELECT FROM attempt WHERE id = NEW.attempt_id AND client_id = NEW.client_id) THEN"
        " RAISE EXCEPTION 'another client''s call or script, or one that is not published'"
        " USING ERRCODE = 'foreign_key_violation'; END IF; RETURN NEW;",
    ),
    'article_version_published': ('article_version', 'UPDATE OR DELETE', NEVER),
    'article_version_client': (
        'article_version', 'INSERT',
        "IF NOT EXISTS (SELECT FROM article WHERE id = NEW.article_id AND client_id = NEW.client_id) THEN"
        " RAISE EXCEPTION 'another client''s article' USING ERRCODE = 'foreign_key_violation'; END IF;"
        " RETURN NEW;",
    ),
    # Stems of the article's language and, with less weight, its words as they are written: who types half a
    # word has typed half of the word, not half of its stem. PostgreSQL has no stemmer for Ukrainian.
    'article_search': (
        'article', 'INSERT OR UPDATE',
        "NEW.search := setweight(to_tsvector(search_config(NEW.language), search_text(NEW.title)), 'A')"
        " || setweight(to_tsvector('simple', search_text(NEW.title)), 'B')"
        " || setweight(to_tsvector(search_config(NEW.language),"
        " search_text(array_to_string(NEW.tags, ' '))), 'B')"
        " || setweight(to_tsvector('simple', search_text(array_to_string(NEW.tags, ' '))), 'B')"
        " || setweight(to_tsvector(search_config(NEW.language), search_text(NEW.words)), 'C')"
        " || setweight(to_tsvector('simple', search_text(NEW.words)), 'D'); RETURN NEW;",
    ),
}  # fmt: skip

#: Which configuration takes a language's words apart, and letters that are written in several ways.
FUNCTIONS = (
    "CREATE FUNCTION search_config(language text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
    " SELECT CASE language WHEN 'en' THEN 'pg_catalog.english'::regconfig"
    " WHEN 'ru' THEN 'pg_catalog.russian'::regconfig ELSE 'pg_catalog.simple'::regconfig END $$",
    "CREATE FUNCTION search_text(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$"
    " SELECT translate(words, E'\\u0451\\u0401\\u2019\\u02bc`', E'\\u0435\\u0415\\'\\'\\'') $$",
)


def upgrade() -> None:
    for statement in FUNCTIONS:
        op.execute(statement)
    op.create_table('script',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('client_id', 'code')
    )
    op.create_table('script_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('script_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('number >= 1', name='ck_script_version_number'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['script_id'], ['script.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['published_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('script_id', 'number')
    )
    op.create_index('uq_script_version_draft', 'script_version', ['script_id'], unique=True, postgresql_where=sa.text('published_at IS NULL'))
    op.create_table('script_reading',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('script_version_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('trail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('missing', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['script_version_id'], ['script_version.id'], ),
    sa.PrimaryKeyConstraint('attempt_id')
    )
    op.create_index('ix_script_reading_version', 'script_reading', ['script_version_id', 'shown_at'], unique=False)
    op.create_table('article',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('tags', sa.ARRAY(sa.String()), server_default='{}', nullable=False),
    sa.Column('campaign_ids', sa.ARRAY(sa.Uuid()), server_default='{}', nullable=False),
    sa.Column('pinned', sa.Boolean(), nullable=False),
    sa.Column('draft', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('number >= 0', name='ck_article_number'),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], ),
    sa.ForeignKeyConstraint(['published_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_article_client', 'article', ['client_id', 'language'], unique=False)
    op.create_index('ix_article_search', 'article', ['search'], unique=False, postgresql_using='gin')
    op.create_table('article_version',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('article_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['client.id'], ),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ),
    sa.ForeignKeyConstraint(['published_by'], ['user_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('article_id', 'number')
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
    for table in ('article_version', 'article', 'script_reading', 'script_version', 'script'):
        op.drop_table(table)
    for name in GUARDS:
        op.execute(f'DROP FUNCTION {name}()')
    for function in ('search_config', 'search_text'):
        op.execute(f'DROP FUNCTION {function}(text)')
