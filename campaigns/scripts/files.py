"""Scripts and articles as files: the small YAML of questionnaires, one script or any number of articles."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from campaigns.forms.files.faults import UnreadableForm
from campaigns.forms.files.yaml_reading import read_as
from campaigns.forms.files.yaml_writing import write_as
from campaigns.scripts.article import ArticleContent
from campaigns.scripts.errors import UnreadableScript
from campaigns.scripts.script import Script

MOST_ARTICLES = 1_000


class ScriptFile(Script):
    """A script with its names, as a file says it."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]

    def script(self) -> Script:
        """Return what operators say."""
        return Script(languages=self.languages, steps=self.steps)


class FiledArticle(ArticleContent):
    """An article, as a file says it; language and title together are its name."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    pinned: bool = False  #: it stands first

    def content(self) -> ArticleContent:
        """Return what is published together."""
        return ArticleContent.model_validate(self.model_dump(exclude={"pinned"}))


class KnowledgeFile(BaseModel):
    """Articles of a knowledge base."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    articles: Annotated[tuple[FiledArticle, ...], Field(max_length=MOST_ARTICLES)]


def read_script(text: str | bytes) -> ScriptFile:
    """Return the script that a YAML file says.

    Raises:
        UnreadableScript: it is no YAML, or no script; each fault has its line.
    """
    try:
        return read_as(text, ScriptFile)
    except UnreadableForm as error:
        raise UnreadableScript(error.faults) from error


def read_knowledge(text: str | bytes) -> KnowledgeFile:
    """Return the articles that a YAML file says.

    Raises:
        UnreadableScript: it is no YAML, or there are no articles in it; each fault has its line.
    """
    try:
        return read_as(text, KnowledgeFile)
    except UnreadableForm as error:
        raise UnreadableScript(error.faults) from error


def write_file(filed: ScriptFile | KnowledgeFile) -> str:
    """Return a file's text; reading it gives an equal script, or equal articles."""
    return write_as(filed)
