"""What a person chose for an import: stored as JSON with it, validated here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import CampaignNotFound, ListNotFound
from campaigns.law.consents import NewConsent, checked
from campaigns.lists.models import ContactList
from campaigns.lists.staged.plan import DuplicatePolicy, SameBy, Scope, ScopeNeedsCampaign, Then
from campaigns.lists.staged.preparing import known_region
from campaigns.models import Campaign
from compliance.rulebook.packs import RuleBook
from dialer.errors import Invalid
from dialer.text import PlainText

_SMALLINT = 32_767


class BadOptions(Invalid):
    """The options of an import break a rule; ``detail`` names each and the rule."""

    code = "bad_options"
    message = "The options cannot be used."


class ConsentBasis(BaseModel):
    """The consent (or the relation that stands for one) under which the file's persons are called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PlainText  #: as the rules name it, such as ``prior_express_written``
    proof: Annotated[PlainText, Field(min_length=1, max_length=500)]  #: where the proof is
    scope: Annotated[PlainText, Field(max_length=100)] = "*"  #: the subject it covers; ``*`` = all
    granted_at: AwareDatetime | None = None  #: None: when the file was uploaded
    expires_at: AwareDatetime | None = None


class ImportOptions(BaseModel):
    """How a file is imported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str  #: ISO 3166-1 alpha-2 of numbers without a country code
    sheet: PlainText | None = None  #: of a workbook; None = its largest visible one
    list_id: UUID | None = None  #: an existing list to add to; None = a new one
    campaign_id: UUID | None = None  #: enrol the contacts there
    priority: Annotated[int, Field(ge=-_SMALLINT, le=_SMALLINT)] = 0  #: where a row says none
    duplicates_by: SameBy = SameBy.PHONE
    duplicates_scope: Scope = Scope.FILE
    duplicates: Then = Then.SKIP
    consent: ConsentBasis | None = None

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Return the options that ``values`` spell.

        Raises:
            BadOptions: one is unknown or out of its range.
            UnknownRegion: the region is no country's two letters.
        """
        try:
            options = cls.model_validate(dict(values))
        except ValidationError as error:
            found = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            raise BadOptions("; ".join(found)) from error
        return options.model_copy(update={"region": known_region(options.region)})

    def as_json(self) -> dict[str, Any]:
        """Return the options as they are stored."""
        return self.model_dump(mode="json", exclude_none=True)

    def policy(self) -> DuplicatePolicy:
        """Return how duplicates are found and what becomes of them."""
        return DuplicatePolicy(self.duplicates_by, self.duplicates_scope, self.duplicates)


async def check_options(
    session: AsyncSession,
    options: ImportOptions,
    *,
    client_id: UUID,
    book: RuleBook,
    now: datetime,
) -> None:
    """Refuse options that name what is not the client's, or a consent that would open nothing.

    Raises:
        ListNotFound: the client has no such list.
        CampaignNotFound: the client has no such campaign.
        ScopeNeedsCampaign: duplicates are looked for in a campaign, and none is named.
        UnknownConsentKind: no rule knows the kind of consent.
        Invalid: the consent lies in the future, or ends before it began.
    """
    if options.list_id is not None:
        known = await session.get(ContactList, options.list_id)
        if known is None or known.client_id != client_id:
            raise ListNotFound(list_id=options.list_id)
    if options.campaign_id is not None:
        campaign = await session.get(Campaign, options.campaign_id)
        if campaign is None or campaign.client_id != client_id:
            raise CampaignNotFound(campaign_id=options.campaign_id)
    elif options.duplicates_scope is Scope.CAMPAIGN:
        raise ScopeNeedsCampaign
    basis = options.consent
    if basis is not None:
        granted_at = basis.granted_at or now
        checked(
            NewConsent(None, basis.kind, granted_at, basis.proof, basis.scope, basis.expires_at),
            book,
            now,
        )
