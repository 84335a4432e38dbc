"""What a client may dial, and with whom it shares the law's caps. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import phonenumbers
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.loosening import loosened_of_client
from campaigns.reports.voiding import follow_zone
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client, Role
from compliance.places.numbering import NumberType
from compliance.places.zone_names import canonical_zone
from dialer.clock import Clock
from dialer.errors import Forbidden, Invalid


class NeedsSecondPerson(Forbidden):
    """What is to be changed loosens the law's protection; ``facts["settings"]`` names it."""

    code = "needs_second_person"
    message = (
        "This loosens a setting of law, so a second person must agree: ask for it, and another"
        " manager or administrator approves."
    )


#: Changers wait for each other, but no row that names the client waits for them.
NO_KEY = {"key_share": True}


@dataclass(frozen=True, slots=True)
class ClientWish:
    """What shall be kept of a client; None leaves as it is, an empty list takes all away."""

    legal_entity: str | None = None  #: clients of one entity share the law's caps; "" = alone
    allowed_countries: Sequence[str] | None = None  #: ISO 3166-1 alpha-2; empty = all
    allowed_number_types: Sequence[str] | None = None  #: besides the harmless ones
    second_factor_roles: Sequence[str] | None = None  #: whose users must have a second factor
    two_person_law: bool | None = None  #: what loosens a setting of law needs a second person
    zone: str | None = None  #: IANA, of reports, the wall, and pages without another; "" = UTC

    def check(self) -> None:
        """Refuse what is no country and no kind of number.

        Raises:
            Invalid: the message names it.
        """
        for country in self.allowed_countries or ():
            if country not in phonenumbers.SUPPORTED_REGIONS:
                raise Invalid(f"{country!r} is no country's two letters, such as RU or US.")
        if self.zone and canonical_zone(self.zone) is None:
            raise Invalid(f"{self.zone!r} is no time zone, such as Europe/Moscow.")
        kinds = [kind.value for kind in NumberType]
        for kind in self.allowed_number_types or ():
            if kind not in kinds:
                raise Invalid(f"{kind!r} is no kind of number; there are {', '.join(kinds)}.")
        roles = [role.value for role in Role]
        for role in self.second_factor_roles or ():
            if role not in roles:
                raise Invalid(f"{role!r} is no role; there are {', '.join(roles)}.")


async def change_client(
    session: AsyncSession,
    client_id: UUID,
    wish: ClientWish,
    *,
    by: UUID | None,
    clock: Clock,
    agreed: bool = False,
) -> Client:
    """Change what a client may dial; the change and its trace are stored together.

    ``agreed``: a second person has approved what it loosens.

    Raises:
        Invalid: a part of the wish cannot be kept.
        NeedsSecondPerson: a user alone may not loosen a setting of law.
    """
    wish.check()
    client = await session.get_one(
        Client, client_id, with_for_update=NO_KEY, populate_existing=True
    )
    if by is not None and client.two_person_law and not agreed:
        _require_second_person(client, wish)
    facts: dict[str, object] = {}
    for name, wanted in (
        ("legal_entity", wish.legal_entity),
        ("allowed_countries", _unique(wish.allowed_countries)),
        ("allowed_number_types", _unique(wish.allowed_number_types)),
        ("second_factor_roles", _unique(wish.second_factor_roles)),
        ("two_person_law", wish.two_person_law),
        ("zone", wish.zone),
    ):
        before = getattr(client, name)
        if wanted is not None and wanted != before:
            setattr(client, name, wanted)
            facts[name] = {"from": before, "to": wanted}
            if name == "zone":
                await follow_zone(session, client_id, before, str(wanted))
    if facts:
        await audit.record(
            session,
            client_id=client_id,
            user_id=by,
            at=clock.now(),
            action="client.changed",
            subject="client",
            subject_id=client_id,
            facts=facts,
        )
    return client


def _require_second_person(client: Client, wish: ClientWish) -> None:
    found = loosened_of_client(client.model_dump(), asdict(wish))
    if found:
        raise NeedsSecondPerson(settings=list(found))


def _unique(words: Sequence[str] | None) -> list[str] | None:
    return sorted(set(words)) if words is not None else None
