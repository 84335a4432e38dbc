"""Questions on the client's own columns: is what stands there right, or what is the new value."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.editing.edits import added, free_code
from campaigns.forms.form import Form
from campaigns.forms.refresh_form import RefreshField, RefreshPlan, field_name, refresh_form
from campaigns.lists.models import ContactList

#: Columns of so many lists are offered, those of the newest first.
LISTS = 20


async def headings_of(session: AsyncSession, client_id: UUID) -> list[str]:
    """Return the headings of the client's newest lists, in the lists' order, each once."""
    newest = (
        select(ContactList.columns)
        .where(col(ContactList.client_id) == client_id)
        .order_by(col(ContactList.imported_at).desc())
        .limit(LISTS)
    )
    lists = (await session.exec(newest)).all()
    return list(dict.fromkeys(heading for columns in lists for heading in columns))


def with_record_field(
    form: Form,
    field: RefreshField,
    *,
    taken: Collection[str] = (),
    after: str = "",
    section: str = "",
) -> tuple[Form, str]:
    """Return the form with a question on a field of the record, and the question's code.

    The form then reads that field of the contact. ``taken`` are codes of published versions.

    Raises:
        TooManyQuestions: the form is full.
    """
    plan = RefreshPlan(code=form.code, languages=form.languages, fields=(field,))
    (question,) = refresh_form(plan).questions()
    code = free_code(form, "q", taken)
    made = added(form, question.model_copy(update={"code": code}), after=after, section=section)
    names = dict.fromkeys((*form.contact_fields, field_name(field.heading)))
    made = made.model_copy(update={"contact_fields": tuple(names)})
    made.__dict__.pop("by_code", None)
    return made, code
