"""What an article says: a draft, or a published version."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from campaigns.scripts.asking import cleaned
from campaigns.scripts.rich_text import LONGEST_TEXT, as_html, as_plain
from campaigns.scripts.variables import Filled, Variable
from campaigns.scripts.words import ArticleKind

MOST_TAGS = 20
_LONGEST_TAG = 40


class ArticleContent(BaseModel):
    """All that is published together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ArticleKind = ArticleKind.ARTICLE
    language: Literal["en", "ru", "uk"] = "en"
    title: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""  #: a safe part of Markdown
    tags: Annotated[tuple[str, ...], Field(max_length=MOST_TAGS)] = ()

    @field_validator("title", "body")
    @classmethod
    def _without_marks(cls, value: str) -> str:
        # Browsers send lines as CR LF. Source: WHATWG HTML, "Constructing the entry list".
        return cleaned(value.replace("\r\n", "\n")).strip()

    @field_validator("tags")
    @classmethod
    def _tags_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        tidy = (" ".join(cleaned(tag).lower().split())[:_LONGEST_TAG] for tag in value)
        return tuple(dict.fromkeys(tag for tag in tidy if tag))

    @property
    def is_complete(self) -> bool:
        """Return whether it can be published."""
        return bool(self.title and self.words())

    def words(self) -> str:
        """Return the body in plain words: what is searched and quoted."""
        return as_plain(self.body, as_written)

    def html(self) -> str:
        """Return the body as HTML that is safe to be put into a page."""
        return as_html(self.body, as_written)


def as_written(variable: Variable) -> Filled:
    """Leave a variable as its name: an article is not filled for a call."""
    return Filled(variable.shown)
