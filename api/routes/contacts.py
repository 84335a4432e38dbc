"""Contacts: what is known of one, where it came from, and its erasure on request."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import col, select

from api.auth import ManagerDep, ReaderDep
from api.deps import ServicesDep, SessionDep
from api.errors import problems
from api.schemas.contacts import (
    ContactErasureIn,
    ContactOut,
    ContactPhoneOut,
    ErasureIn,
    ErasureOut,
    ProvenanceOut,
)
from campaigns.delivery.deliveries.errors import FilesBeingMade
from campaigns.lists.erasure.erasing import OnTheLine, erase
from campaigns.lists.erasure.person import Vault, Who
from campaigns.lists.models import ErasureReceipt
from campaigns.lists.provenance import ContactNotFound, find_contact, phones_of, provenance
from dialer import phone
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import InvalidPhone

#: Numbers of a request must say their country.
_NO_REGION = "ZZ"

router = APIRouter(tags=["contacts"], responses=problems(Unauthenticated, Forbidden))


@router.get("/contacts/{contact_id}", responses=problems(ContactNotFound))
async def get_contact(contact_id: UUID, who: ReaderDep, session: SessionDep) -> ContactOut:
    """Return one contact with its numbers, and the file, row and consent it came with."""
    contact = await find_contact(session, contact_id, client_id=who.client_id)
    came_from = await provenance(session, contact_id, client_id=who.client_id)
    return ContactOut(
        **contact.model_dump(include=set(ContactOut.model_fields)),
        phones=[
            ContactPhoneOut.model_validate(one) for one in await phones_of(session, contact_id)
        ],
        provenance=ProvenanceOut.model_validate(came_from),
    )


@router.post(
    "/contacts/{contact_id}/erase",
    status_code=HTTPStatus.CREATED,
    responses=problems(ContactNotFound, OnTheLine, FilesBeingMade),
)
async def erase_contact(
    contact_id: UUID,
    body: ContactErasureIn,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> ErasureOut:
    """Erase a person; every contact with the same key of the client's own goes too."""
    receipt = await erase(
        session,
        Who(contact_id=contact_id),
        client_id=who.client_id,
        reason=body.reason,
        user_id=who.user_id,
        clock=services.clock,
        vault=Vault.of(services.settings),
        keep_suppressed=body.keep_suppressed,
    )
    return ErasureOut.model_validate(receipt)


@router.post(
    "/erasures",
    status_code=HTTPStatus.CREATED,
    responses=problems(InvalidPhone, OnTheLine, FilesBeingMade),
)
async def erase_person(
    body: ErasureIn, who: ManagerDep, session: SessionDep, services: ServicesDep
) -> ErasureOut:
    """Erase whoever has a number or a key; somebody who is not known gets a receipt too."""
    e164 = phone.parse(body.number, _NO_REGION).e164 if body.number else None
    receipt = await erase(
        session,
        Who(e164=e164, external_key=body.external_key),
        client_id=who.client_id,
        reason=body.reason,
        user_id=who.user_id,
        clock=services.clock,
        vault=Vault.of(services.settings),
        keep_suppressed=body.keep_suppressed,
    )
    return ErasureOut.model_validate(receipt)


@router.get("/erasures")
async def list_erasures(who: ManagerDep, session: SessionDep) -> list[ErasureOut]:
    """Return the receipts of the client's erasures, the newest first."""
    statement = (
        select(ErasureReceipt)
        .where(col(ErasureReceipt.client_id) == who.client_id)
        .order_by(col(ErasureReceipt.id).desc())
    )
    return [ErasureOut.model_validate(row) for row in (await session.exec(statement)).all()]
