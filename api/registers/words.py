"""What the pages of registers say of what was done, and of what cannot be kept."""

from api.labels import mark

#: By action, or by what the page was told: what has just been done.
SAID = {
    "created": mark("It is made."),
    "changed": mark("It is changed."),
    "archived": mark("Put away: %(count)s. Campaigns are not offered it any more."),
    "brought_back": mark("Brought back: %(count)s."),
    "rested": mark("Let rest: %(count)s. Calls that are on the line go on."),
    "woken": mark("In use again: %(count)s."),
    "disabled": mark("Disabled: %(count)s."),
    "enabled": mark("Enabled: %(count)s."),
    "verified": mark("Marked as verified: %(count)s."),
    "pooled": mark("The campaign's pool is changed; it follows at once."),
    "given": mark("The campaigns have a copy of it now. Each can take it back on its own page."),
    "kept": mark("Saved. Jobs follow at their next turn."),
    "ticked": mark("Tick the rows first, then press the button."),
    "undone": mark("It was taken back."),
    "nothing": mark("Nothing had to be changed."),
}

#: Errors and faults of fields made elsewhere.
SENTENCES = (
    mark("This is needed."),
    mark("This is too long."),
    mark("This is no number."),
    mark("This is out of range."),
    mark("Write the date as 2026-05-09."),
    mark("There is one of this name already, perhaps put away."),
    mark("Something cannot be kept: see beside the fields."),
    mark("Write it as PJSIP/{number}@NAME, with the name of the endpoint in Asterisk."),
    mark("This number is there already, perhaps disabled."),
    mark("A region is a code of ISO 3166, such as RU, US or US-NY."),
    mark("An attestation is A, B or C, or empty."),
    mark("This day is there already for this region, perhaps put away."),
    mark("Choose a day between 2020 and 2100."),
    mark("This was changed again since: it cannot be taken back as a whole."),
    mark("A change can be taken back for an hour: change it by hand now."),
    mark("A campaign that runs or is paused uses this: give it another one, or stop it first."),
    mark("Tick the rows first, then press the button."),
    mark("Choose the campaign first."),
    mark("The client's day off ends by itself; days off have a page."),
)
NOTHING_TICKED = "Tick the rows first, then press the button."
NO_CAMPAIGN = "Choose the campaign first."
