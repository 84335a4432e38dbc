"""What a form or a piece of it is known by: the same fingerprint, the same content."""

import json
from hashlib import sha256

from pydantic import BaseModel

from campaigns.forms.form import Form
from campaigns.forms.question_parts import Strict

_CHARACTERS = 16


def fingerprint(piece: BaseModel) -> str:
    """Return the fingerprint of a question, a section or a form."""
    said = piece.model_dump(mode="json")
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:_CHARACTERS]


def print_of_settings(form: Form) -> str:
    """Return the fingerprint of what belongs to no section."""
    return fingerprint(form.model_copy(update={"sections": ()}))


def print_of_section(section: Strict) -> str:
    """Return the fingerprint of a section without its questions."""
    return fingerprint(section.model_copy(update={"questions": ()}))
