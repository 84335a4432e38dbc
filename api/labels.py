"""Words for the codes that are stored: what people read instead, ready to be translated."""

from campaigns.leads import holding, previews, why
from campaigns.states import CampaignState, LeadState
from compliance.reasons import RefusalReason
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.pacing import watch
from dialer.pacing.facts import Limit


def mark(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


CAMPAIGN_STATES = {
    CampaignState.DRAFT: mark("Draft"),
    CampaignState.RUNNING: mark("Running"),
    CampaignState.PAUSED: mark("Paused"),
    CampaignState.STOPPED: mark("Stopped"),
    CampaignState.FINISHED: mark("Finished"),
}

LEAD_STATES = {
    LeadState.DONE: mark("Done"),
    LeadState.DIALING: mark("On the line"),
    LeadState.WAITING: mark("Waiting"),
}

AGENT_STATES = {
    AgentState.ON_CALL: mark("On a call"),
    AgentState.READY: mark("Ready"),
    AgentState.PREVIEWING: mark("Reads a contact"),
    AgentState.DIALING: mark("Has dialled, it rings"),
    AgentState.RESERVED: mark("Being connected"),
    AgentState.WRAP_UP: mark("Wrap-up"),
    AgentState.PAUSED: mark("On a break"),
    AgentState.CONNECTING: mark("Signing in"),
    AgentState.OFFLINE: mark("Offline"),
}

OUTCOMES = {
    CallOutcome.CONNECTED: mark("Conversation"),
    CallOutcome.ABANDONED: mark("Abandoned: no agent in time"),
    CallOutcome.HUNG_UP_EARLY: mark("Hung up at once"),
    CallOutcome.MACHINE: mark("Answering machine"),
    CallOutcome.NO_ANSWER: mark("No answer"),
    CallOutcome.BUSY: mark("Busy"),
    CallOutcome.REJECTED: mark("Rejected"),
    CallOutcome.INVALID_NUMBER: mark("Number not in use"),
    CallOutcome.CONGESTION: mark("Network congestion"),
    CallOutcome.UNREACHABLE: mark("Switched off or out of reach"),
    CallOutcome.NO_RESPONSE: mark("No response from the carrier"),
    CallOutcome.CANCELLED: mark("Cancelled while ringing"),
    CallOutcome.NOT_SENT: mark("Could not be sent"),
    CallOutcome.INTERRUPTED: mark("Interrupted by a restart"),
}

IN_FLIGHT = {
    "dialing": mark("Dialling"),
    "ringing": mark("Ringing"),
    "waiting": mark("Answered, waiting for an agent"),
    "connecting": mark("Being connected"),
    "connected": mark("Talking"),
    "transferred": mark("Transferred, still talking"),
    "apologising": mark("No agent in time: a message plays"),
    "machine": mark("Answering machine"),
}

#: Why a lead waits, beside "again after an outcome" and the reasons below.
WAITING = {
    "new": mark("Not called yet"),
    "next_number": mark("The contact's next number"),
    "elsewhere": mark("Being called by another campaign"),
}

#: The one reason why a lead is not dialled: the gate's refusals, and what keeps it besides them.
REASONS = {
    why.DUE: mark("Due: waits for an agent and a line"),
    why.CLAIMED: mark("Next to be dialled"),
    why.DIALING: mark("On the line"),
    why.DONE: mark("Done"),
    why.NOT_SELECTED: mark("Left out by the campaign's selection"),
    why.CALLBACK: mark("A callback is promised"),
    why.LATER: mark("Waits for its next attempt"),
    why.SHOWN: mark("An agent reads it"),
    previews.SKIPPED: mark("Skipped by an agent"),
    holding.SELECTION_PENDING: mark("The selection is being applied"),
    holding.QUOTA_FULL: mark("Its quota has its successes"),
    holding.LIST_PAUSED: mark("Its list is paused by a supervisor"),
    holding.LIST_RESTS: mark("Its list rests: 0 percent"),
    holding.AGENT_RESERVED: mark("Promised by an agent who is not here"),
    RefusalReason.SUPPRESSED.value: mark("Do-not-call list"),
    RefusalReason.SUPPRESSION_UNKNOWN.value: mark("The do-not-call list could not be read"),
    RefusalReason.COUNTRY_NOT_ALLOWED.value: mark("Country not allowed"),
    RefusalReason.PREMIUM_NUMBER.value: mark("Premium-rate number"),
    RefusalReason.SATELLITE_NUMBER.value: mark("Satellite number"),
    RefusalReason.SHARED_COST_NUMBER.value: mark("Shared-cost number"),
    RefusalReason.SPECIAL_NUMBER.value: mark("Short or special number"),
    RefusalReason.PURPOSE_UNKNOWN.value: mark("The purpose of the calls is not set"),
    RefusalReason.ZONE_UNKNOWN.value: mark("Time zone unknown"),
    RefusalReason.NO_HOURS.value: mark("Calling hours are not set"),
    RefusalReason.EMERGENCY.value: mark("An emergency is declared"),
    RefusalReason.MACHINE_BANNED.value: mark("Dialling by machine is forbidden here"),
    RefusalReason.CONSENT_MISSING.value: mark("No consent on record"),
    RefusalReason.CONSENT_UNKNOWN.value: mark("The consents could not be read"),
    RefusalReason.DNC_LISTED.value: mark("On a public do-not-call list"),
    RefusalReason.NOT_ON_ALLOW_LIST.value: mark("Not in the registry of consents"),
    RefusalReason.DNC_STALE.value: mark("A do-not-call list is too old"),
    RefusalReason.DNC_MISSING.value: mark("A do-not-call list is not loaded"),
    RefusalReason.CALLER_ID_MISSING.value: mark("No caller ID"),
    RefusalReason.CALLER_ID_DENIED.value: mark("The caller ID is not allowed here"),
    RefusalReason.ATTEMPT_CAP.value: mark("All attempts used"),
    RefusalReason.HISTORY_UNKNOWN.value: mark("Earlier calls could not be read"),
    RefusalReason.NEVER_AGAIN.value: mark("Refused: may not be asked again"),
    RefusalReason.OUTSIDE_WINDOW.value: mark("Outside of the calling hours"),
    RefusalReason.DAY_OFF.value: mark("A day off of the client"),
    RefusalReason.DAILY_CAP.value: mark("The campaign's own limit is reached"),
    RefusalReason.LAW_CAP.value: mark("The law's limit is reached"),
    RefusalReason.QUIET_PERIOD.value: mark("The law asks for silence after the last call"),
    RefusalReason.CALLER_IDS_RESTING.value: mark("All caller IDs rest or are used up"),
}

#: What bounded the last decision of the pacing; ``RISK`` is said in figures.
PACING_LIMITS = {
    Limit.RISK: mark("One more call would be too risky."),
    Limit.AGENTS: mark("The settings want a fixed number of calls for each free agent."),
    Limit.LEARNING: mark("Too little is known yet to predict: one call for each free agent."),
    Limit.BUDGET: mark(
        "The abandonment budget is spent: one call for each free agent until it has recovered."
    ),
    Limit.RATIO: mark("The highest ratio of calls to agents is reached."),
    Limit.CHANNELS: mark("No line is free."),
    Limit.RATE: mark("The trunk takes no more calls per second."),
    Limit.LEADS: mark("Nobody else may be called now."),
    Limit.NO_AGENTS: mark("No agent takes calls."),
    Limit.PREVIEW: mark("Preview: agents choose whom to dial."),
}

#: What the pacing finds odd, and what it does about it.
PACING_NOTES = {
    watch.CONTROLLER_FAILED: mark(
        "Pacing has failed (the log says how): one call for each free agent until it works again."
    ),
    watch.CLOCK_BACK: mark("The clock went back: for half a minute nothing is predicted."),
    watch.CLOCK_JUMP: mark("The clock jumped: for half a minute nothing is predicted."),
    watch.TRUNK_FAILS: mark(
        "Almost every call fails before it rings: look at the trunk. Until then nothing is"
        " predicted."
    ),
    watch.NO_ANSWERS: mark(
        "Hundreds of calls, and nobody answers: look at the trunk, the caller IDs and the list."
        " Until then nothing is predicted."
    ),
    watch.STUCK_WRAP: mark(
        "An agent has been in wrap-up far longer than usual: is anybody still there?"
    ),
}

#: Results that are neither outcomes nor the campaign's own dispositions.
RESULTS = {
    "suppressed": mark("Do-not-call list"),
    "attempt_cap": mark("All attempts used"),
    "no_disposition": mark("Closed without a disposition"),
}

#: The default dispositions; a campaign's own codes are shown with their own labels.
DISPOSITIONS = {
    "sale": mark("Agreed / sale"),
    "done": mark("Done: questions answered"),
    "no_interest": mark("Not interested"),
    "refused": mark("Refused to talk"),
    "callback_later": mark("Call back later"),
    "wrong_number": mark("Wrong person or number"),
    "bad_line": mark("Bad line: could not talk"),
    "do_not_call": mark("Asked not to be called"),
    # Of presets (campaigns/setup/presets.py).
    "partial": mark("Partly answered"),
    "not_eligible": mark("Does not belong to the survey"),
    "language": mark("Speaks another language"),
    "interested": mark("Interested, call again"),
    "informed": mark("Informed"),
    "promise": mark("Promised to pay"),
    "paid": mark("Says it is paid"),
    "disputes": mark("Disputes the debt"),
    "third_person": mark("Somebody else answered"),
    "closed_down": mark("Closed down"),
}

#: Sentences made elsewhere that people see: errors with their remedy, notes, the runner's reasons.
SENTENCES = (
    mark("No agents are signed in: nothing will be dialled until one is."),
    mark("There is nobody to call: add a contact list to the campaign."),
    mark("Every contact has its result: add another contact list to the campaign."),
    mark("The calling hours are not set: set them in the campaign's settings."),
    mark("The campaign has no trunk: choose one."),
    mark("There is no such campaign."),
    mark("The selection cannot be applied: the saved segment was deleted. Choose another one."),
    mark(
        "The selection cannot be applied: there are too many combinations of list, priority and"
        " quota. Use fewer priorities or quotas."
    ),
    mark("The selection cannot be applied: its filter cannot be understood. Change the filter."),
    mark("The selection cannot be applied: something went wrong; it is tried again."),
    mark("This form was not sent by one of our pages."),
    mark("Sign in first: the token is missing or not valid."),
    mark("A service is away; try again."),
    mark("Something went wrong on our side; it was logged."),
    mark("Not Found"),
    mark("This cannot be done with the campaign now: it has not been started: start it."),
    mark("This cannot be done with the campaign now: it is running: pause or stop it."),
    mark("This cannot be done with the campaign now: it is paused: resume or stop it."),
    mark("This cannot be done with the campaign now: it was stopped: start it again."),
    mark(
        "This cannot be done with the campaign now: "
        "it is finished: add contacts and start it again."
    ),
)

_RETRY = "retry_"


def waiting_words(reason: str) -> tuple[str, bool]:
    """Return the message of a waiting reason, and whether it means "again after that"."""
    known = WAITING.get(reason) or REASONS.get(reason)
    if known is None and reason.startswith(_RETRY):
        return result_words(reason.removeprefix(_RETRY)), True
    return known or reason, False


def reason_words(reason: str) -> str:
    """Return the message of the reason why a lead is not dialled."""
    return REASONS.get(reason, reason)


#: The campaign's own rules, which no pack has.
OWN_RULES = {
    "campaign-hours": mark("the campaign's calling hours"),
    "client-days-off": mark("the client's days off"),
    "campaign-per-day": mark("the campaign's limit of calls to one number a day"),
    "campaign-person-per-day": mark("the campaign's limit of calls to one person a day"),
    "campaign-person-per-week": mark("the campaign's limit of calls to one person a week"),
    "campaign-talks-per-month": mark("the campaign's limit of conversations a month"),
    "campaign-quiet-after-talk": mark("the campaign's silence after a conversation"),
    "campaign-quiet-after-refusal": mark("the campaign's silence after a refusal"),
}


def own_rule_words(rule_id: str) -> str:
    """Return the message of a rule of the campaign itself."""
    return OWN_RULES.get(rule_id, rule_id)


def result_words(code: str) -> str:
    """Return the message of a lead's result: an outcome, a refusal or a disposition."""
    if code in {outcome.value for outcome in CallOutcome}:
        return OUTCOMES[CallOutcome(code)]
    return RESULTS.get(code) or DISPOSITIONS.get(code) or code
