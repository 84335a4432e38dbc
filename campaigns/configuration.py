"""What a campaign is made of: checked settings, its trunk and caller ID, its dispositions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import BadSettings, CallerIdNotFound, TrunkNotFound
from campaigns.forms.publishing import find_published, form_in
from campaigns.models import CallerId, Campaign, Disposition, Trunk
from campaigns.settings import CampaignSettings

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class _Code:
    code: str
    label: str
    retry_after_s: int | None = None
    suppresses: bool = False
    refuses: bool = False
    success: bool = False
    aapor: str | None = None


#: The codes a new campaign starts with, in the order agents see them.
#: Source of ``aapor``: AAPOR, "Standard Definitions", 9th edition (2016), telephone surveys; a code of
#: which that is silent has none.
_DEFAULT_CODES = (
    _Code("sale", "Agreed / sale", success=True, aapor="1.1"),
    _Code("done", "Done: questions answered", success=True, aapor="1.1"),
    _Code("no_interest", "Not interested", refuses=True, aapor="2.11"),
    _Code("refused", "Refused to talk", refuses=True, aapor="2.11"),
    _Code("callback_later", "Call back later", retry_after_s=_HOUR_S),
    _Code("wrong_number", "Wrong person or number"),
    _Code("bad_line", "Bad line: could not talk", retry_after_s=_HOUR_S // 4),
    _Code("do_not_call", "Asked not to be called", suppresses=True, refuses=True, aapor="2.11"),
)


def checked_settings(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return complete settings as JSON: what ``raw`` leaves out has its start value.

    Raises:
        BadSettings: ``detail`` names every wrong setting and what is wrong with it.
    """
    try:
        return CampaignSettings.model_validate(dict(raw)).model_dump(mode="json")
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
            for found in error.errors(include_url=False, include_input=False)
        ]
        raise BadSettings("; ".join(problems), problems=problems) from error


async def check_form(
    session: AsyncSession, settings: Mapping[str, Any], *, client_id: UUID
) -> None:
    """Refuse a form that no interview could begin with, and quotas on what it does not ask.

    Raises:
        FormNotFound: the client has no published form of this code.
        BadSettings: a quota looks at a question or a field that the form has not.
    """
    wanted = CampaignSettings.model_validate(settings)
    if not wanted.form:
        return
    form = form_in(await find_published(session, wanted.form, client_id=client_id))
    problems = [
        f"answer_quotas.{quota.code}: the form {form.code} has no {name}"
        for quota in wanted.answer_quotas
        for name in quota.unknown(form)
    ]
    if problems:
        raise BadSettings("; ".join(problems), problems=problems)


async def find_trunk(session: AsyncSession, name: str | None, *, client_id: UUID) -> UUID | None:
    """Return the id of the trunk called ``name``, the client's own or everybody's.

    Raises:
        TrunkNotFound: there is none that this client may use.
    """
    if name is None:
        return None
    usable = or_(col(Trunk.client_id).is_(None), col(Trunk.client_id) == client_id)
    found = await session.exec(select(Trunk.id).where(col(Trunk.name) == name, usable))
    trunk_id = found.first()
    if trunk_id is None:
        raise TrunkNotFound(name=name)
    return trunk_id


async def find_caller_id(
    session: AsyncSession, e164: str | None, *, client_id: UUID
) -> UUID | None:
    """Return the id of the client's caller ID with this number.

    Raises:
        CallerIdNotFound: the client has no such number.
    """
    if e164 is None:
        return None
    mine = select(CallerId.id).where(
        col(CallerId.client_id) == client_id, col(CallerId.e164) == e164
    )
    caller_id_id = (await session.exec(mine)).first()
    if caller_id_id is None:
        raise CallerIdNotFound
    return caller_id_id


def default_dispositions(campaign: Campaign) -> list[Disposition]:
    """Return the dispositions a new campaign starts with, in the order agents see them."""
    return [
        Disposition(
            client_id=campaign.client_id,
            campaign_id=campaign.id,
            code=row.code,
            label=row.label,
            retry_after_s=row.retry_after_s,
            suppresses=row.suppresses,
            refuses=row.refuses,
            success=row.success,
            aapor=row.aapor,
            position=position,
        )
        for position, row in enumerate(_DEFAULT_CODES)
    ]
