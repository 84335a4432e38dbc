"""Tables: script, script version, the reading of a script in a call, article, article version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

from campaigns.scripts.words import ArticleKind
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class ScriptRow(SQLModel, table=True):
    """A script of a client; what it says is in its versions."""

    __tablename__ = "script"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    code: str
    name: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: put away


class ScriptVersion(SQLModel, table=True):
    """A version of a script. Once published it never changes: a trigger refuses it."""

    __tablename__ = "script_version"
    __table_args__ = (
        UniqueConstraint("script_id", "number"),
        CheckConstraint("number >= 1", name="ck_script_version_number"),
        Index(
            "uq_script_version_draft",
            "script_id",
            unique=True,
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    script_id: UUID = Field(foreign_key="script.id")
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    before: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )  #: a draft's content before the last change: what undo goes back to
    revision: int = 0  #: counts a draft's changes: who edits an older one is told
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class ScriptReading(SQLModel, table=True):
    """What an operator was shown in one call: the newest version of it, the way through, what was missing."""

    __tablename__ = "script_reading"
    __table_args__ = (Index("ix_script_reading_version", "script_version_id", "shown_at"),)

    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="client.id")
    script_version_id: UUID = Field(foreign_key="script_version.id")
    language: str
    trail: list[str] = Field(
        default_factory=list, sa_type=JSONB
    )  #: codes of steps, the latest last
    missing: list[str] = Field(default_factory=list, sa_type=JSONB)  #: variables without a value
    shown_at: datetime = Field(sa_type=UtcDateTime)  #: first


def _words() -> Any:
    return Column(ARRAY(String), nullable=False, server_default="{}")


class Article(SQLModel, table=True):
    """An article of the knowledge base as it stands; ``number`` 0: it was never published."""

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_client", "client_id", "language"),
        Index("ix_article_search", "search", postgresql_using="gin"),
        CheckConstraint("number >= 0", name="ck_article_number"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    number: int = 0  #: of the version that stands
    kind: ArticleKind = Field(sa_type=text_enum(ArticleKind))
    language: str  #: en, ru or uk: how the search takes its words apart
    title: str = ""
    body: str = ""  #: a safe part of Markdown, without variables
    words: str = ""  #: the body in plain words: what is searched and quoted
    tags: list[str] = Field(default_factory=list, sa_column=_words())
    campaign_ids: list[UUID] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}"),
    )  #: of the client's; empty: all
    pinned: bool = False  #: shown first
    draft: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    before: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )  #: the draft before its last change
    revision: int = 0  #: counts the draft's changes
    search: str | None = Field(
        default=None, sa_column=Column(TSVECTOR, nullable=False)
    )  #: a trigger keeps it
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ArticleVersion(SQLModel, table=True):
    """An article as it was published once. It never changes: a trigger refuses it."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    article_id: UUID = Field(foreign_key="article.id")
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="user_account.id")
