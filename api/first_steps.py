"""What a newcomer does first, in order, and what of it is done: shown while there are no campaigns."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.labels import mark
from campaigns.accounts.permissions import Permission, may
from campaigns.forms.models import FormVersion
from campaigns.lists.models import ContactList
from campaigns.tenancy.tokens import Identity


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One thing to do."""

    title: str
    why: str
    link: str
    is_done: bool


async def first_steps(session: AsyncSession, who: Identity) -> tuple[FirstStep, ...]:
    """Return what is to be done before the first campaign runs; nothing for those who may not do it."""
    if not may(who, Permission.CHANGE):
        return ()
    return (
        *_client(who),
        FirstStep(
            mark("Upload a list"),
            mark(
                "The people to be called, in a file as you have it. You look at it before it is imported."
            ),
            "/lists/upload",
            await _has_lists(session, who.client_id),
        ),
        FirstStep(
            mark("Build a form and publish it"),
            mark("What operators ask and write down. A campaign without questions needs none."),
            "/forms",
            await _has_forms(session, who.client_id),
        ),
        FirstStep(
            mark("Make a campaign"),
            mark(
                "Choose what kind it is; it checks itself, and can be tried out with virtual agents."
            ),
            "/campaigns/new",
            is_done=False,
        ),
    )


def _client(who: Identity) -> tuple[FirstStep, ...]:
    if not may(who, Permission.MANAGE_CLIENTS):
        return ()
    works_elsewhere = who.client_id != who.own_client_id
    why = mark("For whom you call: lists, campaigns and results of clients never mix.")
    return (FirstStep(mark("Make the client, and work there"), why, "/clients", works_elsewhere),)


async def _has_lists(session: AsyncSession, client_id: UUID) -> bool:
    mine = select(ContactList.id).where(col(ContactList.client_id) == client_id).limit(1)
    return (await session.exec(mine)).first() is not None


async def _has_forms(session: AsyncSession, client_id: UUID) -> bool:
    published = select(FormVersion.id).where(
        col(FormVersion.client_id) == client_id, col(FormVersion.published_at).is_not(None)
    )
    return (await session.exec(published.limit(1))).first() is not None
