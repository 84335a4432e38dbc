"""Quotas on answers: so many interviews whose answers fit a condition of the questionnaire's language."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from campaigns.forms.answering.compiled import parsed
from campaigns.forms.expressions.nodes import Literal, Node, Reference, references
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Code

MOST_QUOTAS = 200


class AnswerQuota(BaseModel):
    """So many complete interviews that fit a condition; whoever fits it then is thanked and let go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code
    when: Annotated[str, Field(min_length=1, max_length=2_000)]  #: ``true``: every interview
    target: Annotated[int, Field(ge=1)]

    @field_validator("when")
    @classmethod
    def _must_parse(cls, value: str) -> str:
        try:
            parse(value)
        except BadExpression as error:
            raise ValueError(f"the condition cannot be read: {error}") from error
        return value

    def node(self) -> Node:
        """Return the condition, parsed."""
        return parsed(self.when)

    def is_total(self) -> bool:
        """Tell whether every interview fits."""
        return self.node() == Literal(value=True)

    def unknown(self, form: Form) -> tuple[str, ...]:
        """Return what the condition looks at and the form has not, as it is written."""
        return tuple(
            sorted(one.path() for one in references(self.node()) if not _is_known(one, form))
        )


def _is_known(one: Reference, form: Form) -> bool:
    return one.name in (form.contact_fields if one.contact else form.by_code)


def _codes_must_differ(rows: tuple[AnswerQuota, ...]) -> tuple[AnswerQuota, ...]:
    if len({row.code for row in rows}) < len(rows):
        raise ValueError("each quota needs a code of its own")
    return rows


#: The quotas on answers of a campaign, each with a code of its own.
AnswerQuotas = Annotated[
    tuple[AnswerQuota, ...], Field(max_length=MOST_QUOTAS), AfterValidator(_codes_must_differ)
]
