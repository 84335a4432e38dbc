"""Words that programs send are refused where PostgreSQL could not hold them."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ValidationError

from api.schemas import deliveries, quality, quality_disputes

_REVIEW = {"attempt_id": UUID(int=1), "version_id": UUID(int=2), "answers": {}}
_SAID: list[tuple[type[BaseModel], str, dict[str, Any]]] = [
    (deliveries.DisputeIn, "comment", {"reason": "other"}),
    (deliveries.AnswerIn, "answer", {"conceded": True}),
    (quality.ReviewIn, "words", _REVIEW),
    (quality.NoteIn, "words", {"at_s": 1}),
    (quality_disputes.DisputeIn, "words", {"item": "a"}),
    (quality_disputes.DecisionIn, "words", {"points": 1}),
]


@pytest.mark.parametrize(("shape", "name", "rest"), _SAID)
def test_words_with_nul_are_refused(
    shape: type[BaseModel], name: str, rest: dict[str, Any]
) -> None:
    shape.model_validate({name: "words", **rest})
    with pytest.raises(ValidationError, match="cannot be stored"):
        shape.model_validate({name: "wo\0rds", **rest})
