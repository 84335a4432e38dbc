"""Scripts as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.script_words import FINDINGS
from campaigns.scripts.checking import Finding
from campaigns.scripts.models import ScriptRow, ScriptVersion
from campaigns.scripts.publishing import script_in
from campaigns.scripts.script import Script
from campaigns.scripts.talks import ShownScript

Name = Annotated[str, Field(min_length=1, max_length=200)]
Revision = Annotated[
    int | None,
    Field(ge=0, description="Of the draft that was changed; left out: whatever it is now."),
]


class ScriptIn(BaseModel):
    """A script to be made. Without a code it gets one from its name."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,49}$")] | None = None
    content: Script


class DraftIn(BaseModel):
    """All of a changed script."""

    model_config = ConfigDict(extra="forbid")

    content: Script
    revision: Revision = None


class PublishIn(BaseModel):
    """Which draft is meant."""

    model_config = ConfigDict(extra="forbid")

    revision: Revision = None


class ScriptVersionOut(BaseModel):
    """A version of a script; without ``published_at`` it is the draft."""

    code: str
    name: str
    number: int
    revision: int
    created_at: datetime
    created_by: UUID | None
    published_at: datetime | None
    published_by: UUID | None

    @classmethod
    def of(cls, row: ScriptRow, version: ScriptVersion) -> "ScriptVersionOut":
        """Return a version as it is shown."""
        return cls(
            code=row.code,
            name=row.name,
            number=version.number,
            revision=version.revision,
            created_at=version.created_at,
            created_by=version.created_by,
            published_at=version.published_at,
            published_by=version.published_by,
        )


class ScriptOut(ScriptVersionOut):
    """A version with what it says."""

    content: Script

    @classmethod
    def of(cls, row: ScriptRow, version: ScriptVersion) -> "ScriptOut":
        """Return a version with what it says."""
        told = ScriptVersionOut.of(row, version).model_dump()
        return cls(**told, content=script_in(version))


class ScriptFindingOut(BaseModel):
    """Something that is wrong with a script; ``bars``: it cannot be published with it."""

    code: str
    step: str
    detail: str
    sentence: str
    bars: bool

    @classmethod
    def of(cls, finding: Finding) -> "ScriptFindingOut":
        """Return a finding as it is shown."""
        return cls(
            code=finding.code.value,
            step=finding.step,
            detail=finding.detail,
            sentence=FINDINGS[finding.code] % {"detail": finding.detail},
            bars=finding.bars,
        )


class BranchOut(BaseModel):
    """What the person may say, and the step to go on at."""

    model_config = ConfigDict(from_attributes=True)

    says: str
    to: str


class StepOut(BaseModel):
    """A step, filled for a call; ``html`` is safe to be put into a page."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    html: str
    branches: list[BranchOut]
    ends: bool


class TalkOut(BaseModel):
    """The script of a call, and where the operator is in it."""

    version_id: UUID
    number: int
    language: str
    languages: list[str]
    steps: list[StepOut]
    step: str
    trail: list[str]

    @classmethod
    def of(cls, shown: ShownScript) -> "TalkOut":
        """Return a script as it is read in a call."""
        return cls(
            version_id=shown.version.id,
            number=shown.version.number,
            language=shown.language,
            languages=list(shown.languages),
            steps=[StepOut.model_validate(step) for step in shown.steps],
            step=shown.place.step,
            trail=list(shown.trail),
        )


class TrailIn(BaseModel):
    """The steps an operator went through, the latest last."""

    model_config = ConfigDict(extra="forbid")

    trail: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1000)]
