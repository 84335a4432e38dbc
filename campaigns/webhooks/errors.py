"""What webhook endpoints refuse, each with what would mend it."""

from dialer.errors import Conflict, Invalid, NotFound


class EndpointNotFound(NotFound):
    """No endpoint of this client has the id."""

    code = "webhook_endpoint_not_found"
    message = "There is no such webhook endpoint."


class EndpointNameTaken(Conflict):
    """The client has another endpoint of this name."""

    code = "webhook_endpoint_name_taken"
    message = "There is a webhook endpoint of this name already."


class TooManyEndpoints(Conflict):
    """The client has as many endpoints as one may have."""

    code = "too_many_webhook_endpoints"
    message = "There are twenty webhook endpoints already: remove one first."


class CampaignNotAsked(Conflict):
    """An endpoint of one campaign is to send another's events again."""

    code = "campaign_not_asked"
    message = "This endpoint is for another campaign: nothing of this one is sent to it."


class ReplayNeedsPlace(Invalid):
    """A replay says neither a position nor a time, or both."""

    code = "replay_needs_place"
    message = "Say from which position or from which time on to send again: one of them."
