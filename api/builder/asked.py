"""What every page of the builder starts from: the request, who asks, and what answers."""

from dataclasses import dataclass
from typing import Annotated

from babel.numbers import get_territory_currencies
from fastapi import Depends, Request

from api.auth import PageManagerDep
from api.builder.finding_words import said_in
from api.builder.listed import Fields
from api.builder.reading import LONGEST, cleaned_fields
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, translate
from campaigns.forms.editing.drafts import Author, Draft, Step, apply, open_draft
from campaigns.forms.form import Form
from dialer.errors import OutdialError
from dialer.ids import new_id

#: The longest token that a page makes is half of this.
_TOKEN_CHARACTERS = 80
_FIELDS = 20_000
_USUAL_CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a person who builds forms."""

    request: Request
    who: PageManagerDep
    session: SessionDep
    services: ServicesDep

    @property
    def language(self) -> str:
        """Return the interface's language."""
        return language_of(self.request)

    @property
    def author(self) -> Author:
        """Return who changes the form."""
        return Author(self.who.client_id, self.who.user_id, self.services.clock)

    async def draft(self, code: str) -> Draft:
        """Return a form of the person's client as it stands.

        Raises:
            FormNotFound: the client has no such form.
        """
        return await open_draft(self.session, code, client_id=self.who.client_id)

    async def fields(self, longest: int = LONGEST) -> dict[str, str]:
        """Return what the browser sent, each field up to ``longest`` characters; of one name the last."""
        form = await self.request.form(max_fields=_FIELDS, max_files=0)
        return cleaned_fields(form.multi_items(), longest)

    async def do(self, code: str, step: Step) -> Draft:
        """Do a step of the person's.

        Raises:
            FormNotFound: the client has no such form.
            Conflict: what the step is about is gone, or was changed by somebody else.
        """
        return await apply(self.session, code, step, self.author)

    def say(self, message: str) -> str:
        """Return a message in the person's language."""
        return translate(self.language, message)

    def said(self, sentence: str) -> str:
        """Return a sentence of the checks or of a file's fault in the person's language."""
        return said_in(self.say, sentence)

    def words_of(self, problem: OutdialError) -> str:
        """Return an error's sentence in the person's language."""
        return problem_words(self.language, problem)


AskedDep = Annotated[Asked, Depends()]


def token_in(fields: Fields) -> str:
    """Return the token of a step; a step without one is a step of its own."""
    return fields.get("token", "")[:_TOKEN_CHARACTERS] or str(new_id())


def words_language(form: Form, language: str) -> str:
    """Return the form's language in which its texts are shown to a reader of ``language``."""
    return language if language in form.languages else form.languages[0]


def currency_of(form: Form) -> str:
    """Return the currency (ISO 4217) of the form's country."""
    known = get_territory_currencies(form.region) if form.region else []
    return str(known[0]) if known else _USUAL_CURRENCY
