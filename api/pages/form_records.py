"""The builder's button that asks about a column of the list: is it right, or what is the new value?"""

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ValidationError

from api.builder.asked import AskedDep
from api.builder.view import Chosen
from api.pages.form_steps import do_step, leads_to
from campaigns.forms.editing.listing import codes_ever
from campaigns.forms.editing.record_fields import with_record_field
from campaigns.forms.form import Form
from campaigns.forms.refresh_form import RefreshField
from dialer.errors import Invalid

router = APIRouter(prefix="/forms")


@router.post("/{code}/record-fields")
async def add_record_field(code: str, asked: AskedDep) -> Response:
    """Add a question on a field of the client's record behind the chosen one, and open it."""
    fields = await asked.fields()
    try:
        field = RefreshField.model_validate(
            {"heading": fields.get("heading", "").strip(), "correction": fields.get("correction")}
        )
    except ValidationError as error:
        raise Invalid from error
    made = [""]
    taken = await codes_ever(asked.session, code, client_id=asked.who.client_id)

    def change(form: Form) -> Form:
        after, section = fields.get("after", ""), fields.get("section", "")
        changed, made[0] = with_record_field(form, field, taken=taken, after=after, section=section)
        return changed

    refused, draft = await do_step(asked, code, change, fields, "form.question_added")
    if refused is not None:
        return refused
    opened = made[0] or list(draft.form.by_code)[-1]
    return leads_to(draft, Chosen("question", opened), focus="text")
