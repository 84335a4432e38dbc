"""A client's settings of reports: read with start values, changed with a trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.reports.components import WAITS_S
from campaigns.reports.measure import Measure, Target
from campaigns.reports.measures import MEASURES
from campaigns.reports.models import ReportRate, ReportSettings
from campaigns.reports.voiding import hold_terms_alone, void_cases, void_days
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client
from compliance.places.zone_names import canonical_zone
from dialer.clock import Clock

_Money = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=4)]
_Aim = Annotated[float, Field(ge=0, le=1_000_000_000)]


class Aim(BaseModel):
    """What a measure should be in peak and in quiet hours; None: nothing is aimed at."""

    model_config = ConfigDict(extra="forbid")

    peak: _Aim | None = None
    quiet: _Aim | None = None


class SettingsChange(BaseModel):
    """How a client's reports are counted, whole."""

    model_config = ConfigDict(extra="forbid")

    zone: str = ""  #: IANA; "": that of the client
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    hour_rate: _Money = Decimal(0)
    minute_tariff: _Money = Decimal(0)
    service_level_s: int = 20
    peak_hours: Annotated[list[Annotated[int, Field(ge=0, le=23)]], Field(max_length=24)] = Field(
        default_factory=list
    )
    targets: dict[str, Aim] = Field(default_factory=dict)
    csat_question: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63})?$")] = ""
    csat_from: Annotated[int, Field(ge=0, le=1000)] = 4

    @field_validator("zone")
    @classmethod
    def _zone_must_exist(cls, value: str) -> str:
        found = canonical_zone(value)
        if found is None and value not in ("", "UTC"):
            raise ValueError("no such time zone")
        return found or value

    @field_validator("service_level_s")
    @classmethod
    def _wait_must_be_counted(cls, value: int) -> int:
        if value not in WAITS_S:
            raise ValueError(f"one of {', '.join(map(str, WAITS_S))}")
        return value

    @field_validator("targets")
    @classmethod
    def _measures_must_exist(cls, value: dict[str, Aim]) -> dict[str, Aim]:
        unknown = sorted(set(value) - set(MEASURES))
        if unknown:
            raise ValueError(f"no such measure: {', '.join(unknown)}")
        return value


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What reports of a client are counted and judged with."""

    zone: str  #: IANA: where days begin, of reports and of the wall
    currency: str
    hour_rate: Decimal
    minute_tariff: Decimal
    service_level_s: int
    peak_hours: frozenset[int]
    targets: Mapping[str, Target]
    csat_question: str = ""
    csat_from: int = 4
    own_zone: str = ""  #: what was set for reports; "": they follow the client's

    def target(self, measure: Measure) -> Target:
        """Return the client's target of a measure, else the usual one."""
        return self.targets.get(measure.key, measure.target)


async def terms_of(session: AsyncSession, client_id: UUID) -> ReportTerms:
    """Return a client's terms."""
    row = await session.get(ReportSettings, client_id) or ReportSettings(client_id=client_id)
    return ReportTerms(
        zone=row.zone or await _zone_of_client(session, client_id),
        currency=row.currency,
        hour_rate=row.hour_rate,
        minute_tariff=row.minute_tariff,
        service_level_s=row.service_level_s,
        peak_hours=frozenset(row.peak_hours),
        targets={key: Target(**both) for key, both in row.targets.items() if key in MEASURES},
        csat_question=row.csat_question,
        csat_from=row.csat_from,
        own_zone=row.zone,
    )


async def _zone_of_client(session: AsyncSession, client_id: UUID) -> str:
    found = await session.exec(select(Client.zone).where(col(Client.id) == client_id))
    return found.first() or "UTC"


async def change_terms(
    session: AsyncSession,
    client_id: UUID,
    change: SettingsChange,
    *,
    user_id: UUID | None,
    clock: Clock,
) -> ReportTerms:
    """Set a client's terms; what was rolled up with other days or another question is void."""
    # Held before anything is read: the client's own zone may change at this moment, too.
    await hold_terms_alone(session, client_id)
    row = await session.get(ReportSettings, client_id, with_for_update=True, populate_existing=True)
    row = row or ReportSettings(client_id=client_id)
    before = _facts(row)
    counted = await terms_of(session, client_id)
    for name, value in change.model_dump().items():
        setattr(row, name, sorted(set(value)) if name == "peak_hours" else value)
    session.add(row)
    await session.flush()
    terms = await terms_of(session, client_id)
    if _counted_by(terms) != _counted_by(counted):
        await void_days(session, client_id)
    if terms.zone != counted.zone:
        await void_cases(session, client_id)
    after = _facts(row)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        await audit.record(
            session,
            client_id=client_id,
            user_id=user_id,
            at=clock.now(),
            action="report_settings.changed",
            subject="report_settings",
            subject_id=client_id,
            facts=changed,
        )
    return terms


def _counted_by(terms: ReportTerms) -> tuple[str, str, int]:
    """Return what rolled up days depend on."""
    return terms.zone, terms.csat_question, terms.csat_from


async def set_rate(
    session: AsyncSession,
    campaign_id: UUID,
    hour_rate: Decimal | None,
    minute_tariff: Decimal | None,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Set what a campaign's hours and minutes cost; None: the client's usual rate.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    row = await session.get(ReportRate, campaign_id, with_for_update=True)
    row = row or ReportRate(campaign_id=campaign_id, client_id=client_id)
    facts = {
        "hour_rate": [str(row.hour_rate), str(hour_rate)],
        "minute_tariff": [str(row.minute_tariff), str(minute_tariff)],
    }
    row.hour_rate, row.minute_tariff = hour_rate, minute_tariff
    session.add(row)
    await audit.trace(session, campaign, "report_rate.changed", facts, user_id=user_id, clock=clock)


def _facts(row: ReportSettings) -> dict[str, Any]:
    shown = row.model_dump(exclude={"client_id"})
    return {name: str(one) if isinstance(one, Decimal) else one for name, one in shown.items()}
