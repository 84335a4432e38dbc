"""The instant a person means by a time of their clock. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compliance.places.placement import Placement
from dialer.errors import Invalid

#: Nobody remembers a promise for longer; whoever needs it enrols the contact again.
FARTHEST = timedelta(days=90)


class CallbackTimeWrong(Invalid):
    """A call cannot be promised for this time; ``facts`` say what would do."""

    code = "callback_time_wrong"
    message = "A call cannot be promised for this time."


def promised_moment(
    at: datetime, zone: str | None, place: Placement, now: datetime
) -> tuple[datetime, str]:
    """Return the instant (UTC) of ``at`` and the zone in which it was promised.

    A naive ``at`` is read on the clock of ``zone``, else of the place. A time that occurs twice means
    the first one.

    Raises:
        CallbackTimeWrong: there is no such zone or time, the zones of the place disagree, or the
            instant is not within the next 90 days.
    """
    name = zone or _zone_of(place, at)
    try:
        clock = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CallbackTimeWrong(f"There is no time zone {name!r}.", zone=name) from error
    try:
        instant = (at.replace(tzinfo=clock, fold=0) if at.tzinfo is None else at).astimezone(UTC)
    except OverflowError as error:  # of the year 1, or 9999
        raise CallbackTimeWrong("There is no such time.") from error
    if at.tzinfo is None and instant.astimezone(clock).replace(tzinfo=None) != at.replace(fold=0):
        raise CallbackTimeWrong("The contact's clock skips this time.", zone=name)
    if instant <= now:
        raise CallbackTimeWrong("This time is past.", now=now.isoformat())
    if instant > now + FARTHEST:
        raise CallbackTimeWrong(f"A call can be promised for the next {FARTHEST.days} days.")
    return instant, name


def _zone_of(place: Placement, at: datetime) -> str:
    """Return a zone of the place, if all of them mean the same by ``at``."""
    if not place.zones:
        raise CallbackTimeWrong("Nobody knows the contact's time zone: name it.", zones=[])
    if at.tzinfo is None:
        offsets = {at.replace(tzinfo=ZoneInfo(zone)).utcoffset() for zone in place.zones}
        if len(offsets) > 1:
            raise CallbackTimeWrong(
                "The contact may be in several time zones: ask, and name the zone.",
                zones=list(place.zones),
            )
    return place.zones[0]
