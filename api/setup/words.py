"""Words of the set-up page: presets, what settings would change, changes of the past."""

from api.labels import mark
from campaigns.retries import NextCall
from campaigns.setup.effects import Basis
from campaigns.setup.presets import PresetCode

#: Name and one line of each preset.
PRESETS = {
    PresetCode.SURVEY: (
        mark("Survey"),
        mark(
            "Predictive, weekends too, six attempts at different parts of the day, survey outcomes."
        ),
    ),
    PresetCode.SALE: (
        mark("Cold sale"),
        mark("Predictive on working days, one call a day, silence after a refusal."),
    ),
    PresetCode.ANNOUNCEMENT: (
        mark("Announcement by an operator"),
        mark("One call for each free agent, short wrap-up, three attempts, not recorded."),
    ),
    PresetCode.DEBT: (
        mark("Debt reminder"),
        mark(
            "One call for each free agent, one a day and two a week to a person, promises to pay."
        ),
    ),
    PresetCode.REFRESH: (
        mark("Database refresh"),
        mark("Agents read each record before they dial; firms, in working hours."),
    ),
}

#: What the figures beside a setting say.
EFFECTS = {
    "mode": mark(
        "%(people)s people answered %(attempts)s calls; %(talks)s of them talked to an agent."
    ),
    "record": mark("%(talks)s conversations, %(minutes)s minutes of recordings."),
    "ring": mark("%(lost)s of %(answered)s answers came later than this and would have been lost."),
    "amd_on": mark("%(machines)s of %(answered)s answered calls were machines."),
    "amd_off": mark(
        "%(machines)s of %(answered)s answered calls were marked as machines; agents take them all."
    ),
    "abandon": mark(
        "%(abandoned)s of %(people)s people were abandoned; this target allows %(allowed)s."
    ),
    "max_attempts": mark("%(beyond)s of %(talks)s conversations took more attempts than this."),
    "wrap_up": mark("%(long)s of %(wraps)s wrap-ups lasted longer than this."),
    "over_number": mark("Numbers called more often than this on one day: %(over)s."),
    "over_person": mark("People called more often than this: %(over)s."),
    "callbacks_late": mark("%(late)s of %(callbacks)s callbacks were kept later than this."),
    "used_up": mark("%(used_up)s of %(leads)s waiting contacts have had all their attempts."),
    "hours": mark("Until midnight these hours exclude %(closed)s of %(leads)s waiting contacts."),
    "hours_simulated": mark(
        "The trunk is simulated, so hours bind nobody: %(leads)s contacts may be called at any time."
    ),
}

BASES = {
    Basis.CAMPAIGN_DAY: mark("Figures: this campaign's %(attempts)s calls of the last 24 hours."),
    Basis.CAMPAIGN_WEEK: mark("Figures: this campaign's %(attempts)s calls of the last 7 days."),
    Basis.CLIENT_WEEK: mark("Figures: all your campaigns' %(attempts)s calls of the last 7 days."),
    Basis.NOTHING: mark(
        "There were no calls in the last 7 days: what a setting would have changed is not known yet."
    ),
}

#: How the next call differs; "" is what is usual after the outcome.
NEXT_CALLS = {
    "": mark("as is usual"),
    NextCall.SAME_NUMBER.value: mark("the same number"),
    NextCall.NEXT_NUMBER.value: mark("the next number"),
    NextCall.OTHER_DAY_PART.value: mark("another part of the day"),
    NextCall.FINAL.value: mark("no more calls"),
}

#: What was done, in the history of changes.
ACTIONS = {
    "campaign.created": mark("Campaign made"),
    "campaign.changed": mark("Settings changed"),
    "campaign.disposition_set": mark("Disposition changed"),
    "campaign.disposition_removed": mark("Disposition removed"),
    "campaign.caller_ids_set": mark("Caller-ID pool changed"),
    "campaign.list_enrolled": mark("Contact list added"),
    "campaign.copied": mark("Copied from another campaign"),
    "campaign.applied": mark("Applied from a file"),
    "campaign.virtual_agents_set": mark("Virtual agents"),
}

#: Sentences of errors and lights that are made elsewhere and shown here.
SENTENCES = (
    mark(
        "This loosens a setting of law, so a second person must agree: ask for it, and another"
        " manager or administrator approves."
    ),
    mark("There is no change of settings to take back."),
    mark("Calls were closed with this disposition, or a setting names it: it cannot be removed."),
    mark("The campaign's end has passed: set a later one in its settings, or none."),
    mark("No caller ID is chosen: where the law wants a number to be shown, contacts are refused."),
    mark("A survey without a form: agents have no questions to ask. Choose one."),
    mark("The selection is being applied to the contacts: dialling goes on in a moment."),
    mark("Another forecast or replay is being computed; try again in some seconds."),
    mark("The settings cannot be used."),
    mark("A campaign of this name exists: choose another name."),
    mark(
        "The purpose of the calls is not set: set `purpose` in the campaign's settings"
        " (sales, survey, debt, notification, political or charity)."
    ),
    mark("Load a fresh copy of the do-not-call lists: `outdial dnc load`."),
    mark(
        "The law asks for a message when nobody is free to talk: turn `abandon_message` on"
        " in the campaign's settings."
    ),
    mark(
        "The law asks that a person can refuse further calls during the message for abandoned calls:"
        " set `opt_out_key` in the campaign's settings."
    ),
    mark(
        "None of the messages for answering machines is in a language of the contacts: add one to"
        " `amd.messages` in the campaign's settings, or set `on_machine` to hang_up."
    ),
    mark("Virtual agents work on a simulated trunk only: nobody real is ever called by them."),
)

NO_NAME = mark("Give the campaign a name.")

#: The button that mends a light at once.
FIXES = {
    "no_hours": mark("Set Monday to Friday, 9:00 to 20:00"),
    "no_abandon_message": mark("Turn the message on, with key 9"),
    "no_opt_out_key": mark("Let key 9 refuse further calls"),
    "no_machine_message": mark("Hang up on machines instead"),
    "end_passed": mark("Take the end away"),
    "no_trunk": mark("Use the trunk %(name)s"),
    "no_contacts": mark("Add the list %(name)s"),
}
#: Where a person decides, if no button can: an address, or a field of the page, and its words.
LEADS = {
    "no_trunk": ("#f-trunk", mark("Choose a trunk")),
    "no_hours": ("#f-hours", mark("Set hours")),
    "no_purpose": ("#f-purpose", mark("Choose a purpose")),
    "no_contacts": ("#f-lists", mark("Choose a list")),
    "no_lists": ("/lists/upload", mark("Upload a list")),
    "dnc_not_fresh": ("/law#dnc", mark("See the do-not-call lists")),
    "no_caller_id": ("#f-caller_id", mark("Choose a caller ID")),
    "no_form": ("#f-form", mark("Choose a form")),
    "no_agents": ("/desk", mark("Begin a shift on the desk")),
    "end_passed": ("#f-ends_at", mark("Change the end")),
}
