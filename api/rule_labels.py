"""Words for what rule packs name by codes: kinds, purposes, consents, what is counted."""

from api.labels import mark
from compliance.places.placement import Confidence
from compliance.rulebook.rules import (
    CalendarPeriod,
    CapScope,
    Channel,
    Counted,
    PastEvent,
    Purpose,
    RuleKind,
)

KINDS = {
    RuleKind.WINDOW: mark("Calling hours"),
    RuleKind.CAP: mark("Limits of calls"),
    RuleKind.RING: mark("Ringing"),
    RuleKind.ABANDONMENT: mark("Abandoned calls"),
    RuleKind.MESSAGE: mark("Message without an agent"),
    RuleKind.CALLER_ID: mark("Caller ID"),
    RuleKind.CONSENT: mark("Consent"),
    RuleKind.AUTOMATION: mark("Machines"),
    RuleKind.DNC: mark("Do-not-call lists"),
    RuleKind.RETENTION: mark("Keeping of records"),
    RuleKind.RECORDING: mark("Telling of the recording"),
    RuleKind.EMERGENCY: mark("Emergencies"),
}

PURPOSES = {
    Purpose.SALES: mark("Sales"),
    Purpose.SURVEY: mark("Survey"),
    Purpose.DEBT: mark("Debt collection"),
    Purpose.NOTIFICATION: mark("Notification"),
    Purpose.POLITICAL: mark("Political"),
    Purpose.CHARITY: mark("Charity"),
}

CHANNELS = {
    Channel.HUMAN: mark("A person dials and talks"),
    Channel.PREDICTIVE: mark("A machine dials, a person talks"),
    Channel.AUTOMATED: mark("A machine dials and talks"),
}

COUNTED = {
    Counted.ATTEMPTS: mark("Calls"),
    Counted.ATTEMPTS_WITHOUT_RESERVED_AGENT: mark("Calls without a reserved agent"),
    Counted.CONTACTS: mark("Answered calls"),
    Counted.CONVERSATIONS: mark("Conversations"),
    Counted.SHORT_CALLS: mark("Answered calls of at most six seconds"),
    Counted.AUTODIAL_SECONDS: mark("Seconds of dialling by machine"),
    Counted.CHANNELS: mark("Ways of contact"),
}

SCOPES = {
    CapScope.NUMBER: mark("to one number"),
    CapScope.PERSON: mark("to one person"),
    CapScope.PERSON_AND_SUBJECT: mark("to one person about one subject"),
    CapScope.COMPANY: mark("by the whole company"),
}

PERIODS = {
    CalendarPeriod.DAY: mark("a calendar day"),
    CalendarPeriod.WEEK: mark("a calendar week"),
    CalendarPeriod.MONTH: mark("a calendar month"),
}

EVENTS = {
    PastEvent.REFUSAL: mark("a refusal"),
    PastEvent.ABANDONED: mark("an abandoned call"),
    PastEvent.CONVERSATION: mark("a conversation"),
    PastEvent.AMD_MACHINE: mark("an answering machine"),
}

CONSENTS = {
    "agreed_time": mark("agreement on the hour"),
    "consumer_initiated_consent": mark("consent of a person who made contact first"),
    "customer_12m": mark("customer of the last 12 months"),
    "customer_3y": mark("customer of the last 3 years"),
    "express_prior_consent_time": mark("express agreement on the hour"),
    "inquiry": mark("a recent inquiry"),
    "operator_contract_and_not_refused": mark("a contract with the operator, and no refusal"),
    "prior_consent": mark("consent given before"),
    "prior_consent_gdpr": mark("consent under the GDPR, with proof"),
    "prior_consent_time": mark("consent to calls at this hour"),
    "prior_express": mark("express consent"),
    "prior_express_consent": mark("express consent given before"),
    "prior_express_written": mark("express consent in writing"),
    "purchase": mark("a recent purchase"),
    "running_contract": mark("a running contract"),
    "service_notice": mark("a service notice"),
    "trader": mark("called as a trader"),
}

AUTOMATION = {
    "ban": mark("Machines may not dial"),
    "ban_without_express_consent": mark("Machines may dial only with express consent"),
    "dnc_register": mark("A register of those who refuse machines must be kept to"),
}

KEPT = {
    "consent_proof": mark("proofs of consent"),
    "recordings": mark("recordings"),
    "call_records": mark("call records"),
}

STATED = {
    "company name": mark("the company's name"),
    "business name": mark("the business's name"),
    "seller name": mark("the seller's name"),
    "seller telephone number": mark("the seller's number"),
    "callback number": mark("a number to call back"),
    "opt-out number": mark("a number to opt out"),
    "purpose": mark("the purpose"),
    "telemarketing purpose": mark("that it is telemarketing"),
    "automated call": mark("that a machine calls"),
}

#: How well a rule is founded.
VERIFIED = {
    "source-seen": mark("Source read"),
    "prior-knowledge": mark("Not checked: ask counsel"),
}

CONFIDENCES = {
    Confidence.EXACT: mark("Exact: the list or the region says it"),
    Confidence.NARROW: mark("One time zone, by the number"),
    Confidence.WIDE: mark("Several time zones: must be open in all"),
    Confidence.UNKNOWN: mark("Unknown: is not dialled"),
}

EXEMPTION_STATES = {
    "proposed": mark("Proposed: another person must approve"),
    "in_force": mark("In force"),
    "ended": mark("Ended"),
}
