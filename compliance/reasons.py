"""Why a number may not be dialled: the codes people, metrics and receipts see."""

from enum import StrEnum


class RefusalReason(StrEnum):
    """Why a number may not be dialled now."""

    # Standing: a person or a fact must change.
    SUPPRESSED = "suppressed"
    SUPPRESSION_UNKNOWN = "suppression_unknown"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    PREMIUM_NUMBER = "premium_number"
    SATELLITE_NUMBER = "satellite_number"
    SHARED_COST_NUMBER = "shared_cost_number"
    SPECIAL_NUMBER = "short_or_special"
    PURPOSE_UNKNOWN = "purpose_unknown"
    ZONE_UNKNOWN = "zone_unknown"
    NO_HOURS = "no_hours"
    EMERGENCY = "emergency"
    MACHINE_BANNED = "machine_banned"
    CONSENT_MISSING = "consent_missing"
    CONSENT_UNKNOWN = "consent_unknown"
    DNC_LISTED = "dnc_listed"
    NOT_ON_ALLOW_LIST = "not_on_allow_list"
    DNC_STALE = "dnc_stale"
    DNC_MISSING = "dnc_missing"
    CALLER_ID_MISSING = "no_caller_id"
    CALLER_ID_DENIED = "caller_id_denied"
    ATTEMPT_CAP = "attempt_cap"
    HISTORY_UNKNOWN = "history_unknown"
    NEVER_AGAIN = "never_again"  #: a refusal the law lets nobody ask about again
    # Passing: time lifts them.
    OUTSIDE_WINDOW = "outside_window"
    DAY_OFF = "day_off"  #: the client calls nobody on this day
    DAILY_CAP = "daily_cap"  #: the campaign's own limits
    LAW_CAP = "law_cap"
    QUIET_PERIOD = "quiet_period"  #: the law's silence after an event
    CALLER_IDS_RESTING = "caller_ids_resting"


#: Time alone lifts these.
PASSING = frozenset(
    {
        RefusalReason.OUTSIDE_WINDOW,
        RefusalReason.DAY_OFF,
        RefusalReason.DAILY_CAP,
        RefusalReason.LAW_CAP,
        RefusalReason.QUIET_PERIOD,
        RefusalReason.CALLER_IDS_RESTING,
    }
)

#: These close a lead: nothing that is likely to happen lifts them.
FINAL = frozenset(
    {
        RefusalReason.SUPPRESSED,
        RefusalReason.SPECIAL_NUMBER,
        RefusalReason.ATTEMPT_CAP,
        RefusalReason.NEVER_AGAIN,
    }
)

#: These are about one number and not the person: the contact may have another that can be dialled.
OF_THE_NUMBER = frozenset(
    {
        RefusalReason.SUPPRESSED,
        RefusalReason.DNC_LISTED,
        RefusalReason.COUNTRY_NOT_ALLOWED,
        RefusalReason.PREMIUM_NUMBER,
        RefusalReason.SATELLITE_NUMBER,
        RefusalReason.SHARED_COST_NUMBER,
        RefusalReason.SPECIAL_NUMBER,
    }
)

#: What would unblock a number, for people; one sentence for each reason.
REMEDY = {
    RefusalReason.SUPPRESSED: "The person asked not to be called: nothing does.",
    RefusalReason.SUPPRESSION_UNKNOWN: "The do-not-call list could not be read: look at the database.",
    RefusalReason.COUNTRY_NOT_ALLOWED: "Allow the country for this client.",
    RefusalReason.PREMIUM_NUMBER: "Allow premium-rate numbers for this client.",
    RefusalReason.SATELLITE_NUMBER: "Allow satellite numbers for this client.",
    RefusalReason.SHARED_COST_NUMBER: "Allow shared-cost numbers for this client.",
    RefusalReason.SPECIAL_NUMBER: "Short and special numbers are never dialled.",
    RefusalReason.PURPOSE_UNKNOWN: "Say what the campaign calls for: its setting `purpose`.",
    RefusalReason.ZONE_UNKNOWN: "Give the contact's region or time zone in the list.",
    RefusalReason.NO_HOURS: "Give the campaign its calling hours.",
    RefusalReason.EMERGENCY: "Wait until the emergency is over and its switch is turned off.",
    RefusalReason.MACHINE_BANNED: "Dial in preview mode: the law forbids a machine to dial here.",
    RefusalReason.CONSENT_MISSING: "Record the consent and its proof.",
    RefusalReason.CONSENT_UNKNOWN: "The consent ledger could not be read: look at the database.",
    RefusalReason.DNC_LISTED: "The number is on a do-not-call list: only consent or a new list does.",
    RefusalReason.NOT_ON_ALLOW_LIST: "The registry of consents does not have the number.",
    RefusalReason.DNC_STALE: "Load a fresh copy of the do-not-call list.",
    RefusalReason.DNC_MISSING: "Load the do-not-call list the law asks for.",
    RefusalReason.CALLER_ID_MISSING: "Give the campaign a caller ID.",
    RefusalReason.CALLER_ID_DENIED: "Give the campaign a caller ID the law allows in this country.",
    RefusalReason.ATTEMPT_CAP: "The lead had all its attempts: raise the campaign's limit.",
    RefusalReason.HISTORY_UNKNOWN: "Earlier calls could not be read: look at the database.",
    RefusalReason.NEVER_AGAIN: "The person refused, and the law forbids asking again.",
    RefusalReason.OUTSIDE_WINDOW: "The calling window opens by itself.",
    RefusalReason.DAY_OFF: "The client's day off ends by itself; days off have a page.",
    RefusalReason.DAILY_CAP: "The campaign's own limit frees by itself; it may be raised.",
    RefusalReason.LAW_CAP: "The limit of law frees by itself.",
    RefusalReason.QUIET_PERIOD: "The silence of law ends by itself.",
    RefusalReason.CALLER_IDS_RESTING: "Add caller IDs to the pool, or wait until one has rested.",
}
