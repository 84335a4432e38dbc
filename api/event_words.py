"""Words of events and webhooks: what people read instead of codes."""

from api.delivery_words import REASONS as WIRE_REASONS
from api.labels import mark
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.events.kinds import EventKind
from campaigns.webhooks.lag import EndpointState
from campaigns.webhooks.lanes import EVENTS_GONE

KINDS = {
    EventKind.ATTEMPT_BEGUN: mark("A call begins"),
    EventKind.ATTEMPT_ENDED: mark("A call ends"),
    EventKind.RESULT_SAVED: mark("A result is saved"),
    EventKind.RESULT_CORRECTED: mark("A result is corrected"),
    EventKind.FORM_COMPLETED: mark("A form is completed"),
    EventKind.FORM_CLOSED: mark("A form is closed early: not the right person, or a full quota"),
    EventKind.CALLBACK_PROMISED: mark("A callback is promised"),
    EventKind.CALLBACK_CHANGED: mark("A callback gets another time or agent"),
    EventKind.CALLBACK_DONE: mark("A callback is made"),
    EventKind.CALLBACK_CANCELLED: mark("A callback is cancelled"),
    EventKind.LEAD_CLOSED: mark("A contact is not called any more"),
    EventKind.OPT_OUT_ADDED: mark("Somebody opts out"),
    EventKind.OPT_OUT_LIFTED: mark("An opt-out is lifted"),
    EventKind.CONTACT_ERASED: mark("A person is erased"),
    EventKind.IMPORT_COMMITTED: mark("A list is imported"),
    EventKind.IMPORT_FAILED: mark("An import fails"),
    EventKind.IMPORT_UNDONE: mark("An import is undone"),
    EventKind.CAMPAIGN_STATE_CHANGED: mark("A campaign starts, pauses or ends"),
}

STATES = {
    EndpointState.OPEN: mark("Working"),
    EndpointState.FAILING: mark("Failing"),
    EndpointState.PAUSED: mark("Paused"),
    EndpointState.DISABLED: mark("Disabled"),
}
#: How each state looks, by a class of the style sheet.
LOOKS = {
    EndpointState.OPEN: "running",
    EndpointState.FAILING: "stopped",
    EndpointState.PAUSED: "paused",
    EndpointState.DISABLED: "stopped",
}

REASONS = {
    **{reason.value: words for reason, words in WIRE_REASONS.items()},
    DeliveryReason.GONE.value: mark(
        "The receiver says that it is gone for good. Give another address and resume."
    ),
    DeliveryReason.SECRET_LOST.value: mark(
        "The stored secret cannot be read any more: make a new one and resume."
    ),
    EVENTS_GONE: mark(
        "These events waited longer than events are kept: take what is missing from an export."
    ),
}

#: Refusals of ``campaigns.events``, ``campaigns.webhooks`` and ``campaigns.sync``.
REFUSALS = (
    mark("There is no such webhook endpoint."),
    mark("There is a webhook endpoint of this name already."),
    mark("There are twenty webhook endpoints already: remove one first."),
    mark("This endpoint is for another campaign: nothing of this one is sent to it."),
    mark("Say from which position or from which time on to send again: one of them."),
    mark(
        "Events after this cursor are not kept any more: take the state of now from an export or from"
        " the campaign's results, then go on from the cursor in `floor`."
    ),
    mark(
        "There has been no event with this number: the cursor is of another client or installation."
        " Begin with the cursor in `last`."
    ),
    mark("This Idempotency-Key came with another request before: use a new key for each request."),
    mark("The first request with this Idempotency-Key is being done: send it again in a moment."),
    mark("A field has a name that the program uses itself: name it otherwise."),
    mark("Give the number of an event, or a day and a time."),
)

#: Actions of the audit log.
ACTIONS = {
    "events.read": mark("Events with whole numbers read"),
    "results.pulled": mark("Results with whole numbers pulled"),
    "webhook.made": mark("Webhook endpoint made"),
    "webhook.changed": mark("Webhook endpoint changed"),
    "webhook.paused": mark("Webhook endpoint paused"),
    "webhook.resumed": mark("Webhook endpoint resumed"),
    "webhook.removed": mark("Webhook endpoint removed"),
    "webhook.disabled": mark("Webhook endpoint disabled"),
    "webhook.woken": mark("Webhook endpoint tried at once"),
    "webhook.replayed": mark("Events sent again"),
    "webhook.secret_shown": mark("Webhook's secret looked at"),
    "webhook.secret_replaced": mark("Webhook's secret replaced"),
    "webhook.old_secret_dropped": mark("Webhook's old secret dropped"),
}

#: Fields of the form of an endpoint, as refusals name them.
FIELDS = {
    "name": mark("Name"),
    "url": mark("Address"),
    "kinds": mark("Which events"),
    "campaign_id": mark("Campaign"),
    "most_events": mark("Events in one message, at most"),
}
