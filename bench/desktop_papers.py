"""What the operators of the desktop bench read and fill in: a questionnaire of five questions, a script."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms import publishing as forms
from campaigns.forms.form import Form
from campaigns.forms.texts import Text
from campaigns.scripts import drafts
from campaigns.scripts import publishing as scripts
from campaigns.scripts.script import Branch, Script, Step
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

FORM_CODE, SCRIPT_CODE = "pulse", "talk"
#: What each operator answers, in this order; the interview goes on to its end.
ANSWERS: tuple[tuple[str, Any], ...] = (("known", "yes"), ("again", 8), ("why", "It is near."))
_YES_NO = [{"code": "yes", "text": "Yes"}, {"code": "no", "text": "No"}]
_FORM: dict[str, Any] = {
    "code": FORM_CODE,
    "sections": [
        {
            "code": "main",
            "questions": [
                {"code": "known", "type": "single", "text": "Do you know us?", "options": _YES_NO},
                {"code": "again", "type": "nps", "text": "Would you recommend us?"},
                {"code": "why", "type": "text", "text": "Why?"},
                {"code": "more", "type": "single", "text": "Any more?", "options": _YES_NO},
                {"code": "age", "type": "number", "text": "How old are you?"},
            ],
        }
    ],
}


async def add_papers(session: AsyncSession, who: Identity, clock: Clock) -> None:
    """Publish the questionnaire and the script."""
    facts: dict[str, Any] = {"client_id": who.client_id, "user_id": who.user_id, "clock": clock}
    await forms.save_draft(session, Form.model_validate(_FORM), **facts)
    await forms.publish(session, FORM_CODE, **facts)
    await drafts.create(session, SCRIPT_CODE, "Talk", _script(), who=who, clock=clock)
    await scripts.publish(session, SCRIPT_CODE, revision=None, who=who, clock=clock)


def _script() -> Script:
    first = Step(
        code="hello",
        title=Text.read({"en": "Hello"}),
        body=Text.read({"en": "Good day, **{{ contact.name }}**!"}),
        branches=(Branch(says=Text.read({"en": "Yes"}), to="bye"),),
    )
    last = Step(
        code="bye", title=Text.read({"en": "Goodbye"}), body=Text.read({"en": "Bye."}), ends=True
    )
    return Script(languages=("en",), steps=(first, last))
