"""By what figures can be grouped, and which groupings are kept rolled up."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """By what figures can be grouped and filtered."""

    DAY = "day"  #: of the client's zone, like all periods
    WEEK = "week"  #: from Monday
    MONTH = "month"
    YEAR = "year"
    HOUR = "hour"  #: 0 to 23, of the client's day
    WEEKDAY = "weekday"  #: 1 Monday to 7 Sunday
    CONTACT_HOUR = "contact_hour"  #: where the called number is
    CONTACT_WEEKDAY = "contact_weekday"
    CAMPAIGN = "campaign"
    LIST = "list"
    AGENT = "agent"
    FORM = "form"  #: version of the form
    SCRIPT = "script"  #: version of the script
    REGION = "region"  #: ISO 3166 of the number
    TRUNK = "trunk"
    CALLER_ID = "caller_id"
    CAUSE = "cause"  #: what the network said
    OUTCOME = "outcome"
    DISPOSITION = "disposition"


#: Worked out of the instant; any roll-up has those of a day, only ``base`` has hours.
OF_DAYS = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.YEAR})
OF_TIME = OF_DAYS | {Dimension.HOUR, Dimension.WEEKDAY}
#: What the time that agents spend is known by, and what cases are.
OF_AGENT_TIME = OF_TIME | {Dimension.CAMPAIGN, Dimension.AGENT}
OF_CASES = OF_DAYS | {Dimension.WEEKDAY, Dimension.CAMPAIGN, Dimension.LIST, Dimension.REGION}

#: Where a called number is: several jurisdictions only when nobody knows which one.
REGION = "coalesce(array_to_string(p.jurisdictions, '/'), '')"
_THERE = "a.started_at AT TIME ZONE coalesce(p.zones[1], 'UTC')"

#: The value of a dimension of an attempt in SQL, text; the aliases are those of ``tally.CALLS``.
OF_ATTEMPT: Mapping[Dimension, str] = {
    Dimension.LIST: "coalesce(c.list_id::text, '')",
    Dimension.AGENT: "coalesce(s.agent_id::text, '')",
    Dimension.FORM: "coalesce(f.form_version_id::text, '')",
    Dimension.SCRIPT: "coalesce(r.script_version_id::text, '')",
    Dimension.REGION: REGION,
    Dimension.TRUNK: "a.trunk_id::text",
    Dimension.CALLER_ID: "coalesce(a.caller_id, '')",
    Dimension.CAUSE: "coalesce('SIP ' || a.sip_code, 'Q.850 ' || a.cause, '')",
    Dimension.OUTCOME: "coalesce(a.outcome, '')",
    Dimension.DISPOSITION: "coalesce(a.disposition, '')",
    Dimension.CONTACT_HOUR: f"extract(hour FROM {_THERE})::int::text",
    Dimension.CONTACT_WEEKDAY: f"extract(isodow FROM {_THERE})::int::text",
}


@dataclass(frozen=True, slots=True)
class Cube:
    """A grouping that is kept rolled up for every campaign and day."""

    name: str
    keys: tuple[Dimension, ...]  #: two at most
    hourly: bool = False


CUBES = (
    Cube("base", (), hourly=True),
    Cube("list", (Dimension.LIST,)),
    Cube("agent", (Dimension.AGENT,)),
    Cube("form", (Dimension.FORM,)),
    Cube("script", (Dimension.SCRIPT,)),
    Cube("region", (Dimension.REGION,)),
    Cube("trunk", (Dimension.TRUNK, Dimension.CAUSE)),
    Cube("caller_id", (Dimension.CALLER_ID, Dimension.CAUSE)),
    Cube("moment", (Dimension.CONTACT_WEEKDAY, Dimension.CONTACT_HOUR)),
    Cube("outcome", (Dimension.OUTCOME, Dimension.DISPOSITION)),
)


def cube_for(asked: frozenset[Dimension]) -> Cube | None:
    """Return the roll-up that knows the dimensions that are asked for; None: only the raw rows do."""
    keys = asked - OF_TIME - {Dimension.CAMPAIGN}
    hourly = Dimension.HOUR in asked
    for cube in CUBES:
        if keys <= set(cube.keys) and (cube.hourly or not hourly):
            return cube
    return None
