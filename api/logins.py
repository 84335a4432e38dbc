"""Who is who on the pages: the logins of a client's users."""

from collections.abc import Mapping
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import User


async def logins_of(session: AsyncSession, *, client_id: UUID) -> Mapping[UUID, str]:
    """Return the logins of a client's users by id."""
    statement = select(User.id, User.login).where(col(User.client_id) == client_id)
    return dict((await session.exec(statement)).all())
