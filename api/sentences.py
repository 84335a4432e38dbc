"""Sentences made elsewhere that people see on the pages: remedies, errors, what a question assumes.

They are marked here for the catalogues and translated where they are shown.
"""

from api.labels import mark

#: What would unblock a lead: ``compliance.reasons.REMEDY`` and ``campaigns.leads.why``.
REMEDIES = (
    mark("The person asked not to be called: nothing does."),
    mark("The do-not-call list could not be read: look at the database."),
    mark("Allow the country for this client."),
    mark("Allow premium-rate numbers for this client."),
    mark("Allow satellite numbers for this client."),
    mark("Allow shared-cost numbers for this client."),
    mark("Short and special numbers are never dialled."),
    mark("Say what the campaign calls for: its setting `purpose`."),
    mark("Give the contact's region or time zone in the list."),
    mark("Give the campaign its calling hours."),
    mark("Wait until the emergency is over and its switch is turned off."),
    mark("Dial in preview mode: the law forbids a machine to dial here."),
    mark("Record the consent and its proof."),
    mark("The consent ledger could not be read: look at the database."),
    mark("The number is on a do-not-call list: only consent or a new list does."),
    mark("The registry of consents does not have the number."),
    mark("Load a fresh copy of the do-not-call list."),
    mark("Load the do-not-call list the law asks for."),
    mark("Give the campaign a caller ID."),
    mark("Give the campaign a caller ID the law allows in this country."),
    mark("The lead had all its attempts: raise the campaign's limit."),
    mark("Earlier calls could not be read: look at the database."),
    mark("The person refused, and the law forbids asking again."),
    mark("The calling window opens by itself."),
    mark("The campaign's own limit frees by itself; it may be raised."),
    mark("The limit of law frees by itself."),
    mark("The silence of law ends by itself."),
    mark("Add caller IDs to the pool, or wait until one has rested."),
    mark("Change the campaign's selection: its filter leaves this contact out."),
    mark("It is dialled as soon as an agent and a line are free."),
    mark("It is being called."),
    mark("An agent reads it now and dials or skips it."),
    mark("An agent skipped it; after an hour it is shown again by itself."),
    mark("It has its result; add the contact to another campaign to call it again."),
    mark("The promised time comes by itself."),
    mark("The retry rule's delay passes by itself."),
    mark("The selection is being applied to the leads; that passes by itself."),
    mark("Its quota has its successes: raise the quota's target to dial it."),
    mark("Its list was paused in this campaign by a supervisor: resume the list."),
    mark("Its list has 0 percent in the campaign's list mix: give it a share."),
    mark("The call was promised by an agent who is not here: the agent must sign in."),
)

#: What a what-if question takes for granted: ``campaigns.law.whatif``.
ASSUMED = (
    mark("the client has not suppressed the number"),
    mark("every do-not-call list the rules demand is fresh and clears it"),
    mark("nobody has called the person before, so no limit is reached"),
    mark("the campaign itself sets no hours"),
    mark("the caller ID may be shown"),
    mark("the operator's contract names the caller and the purpose"),
    mark("every consent there is was given and can be shown, but none to be called at any hour"),
)

#: What can be wrong with a file, its options, or what a button was to do.
PROBLEMS = (
    mark("This file cannot be read as a table. Send CSV, XLSX, XLS, ODS or JSON lines."),
    mark("This workbook is protected by a password. Save it without one."),
    mark("This is an archive, not a table. Unpack it and send the tables in it."),
    mark("This is a web page under a spreadsheet's name. Open it and save it as XLSX."),
    mark("This file has no rows with contacts."),
    mark("This file is too large. Split it."),
    mark(
        "This file is too large to be checked here: run `outdial import FILE --dry-run`."
        " It can be imported all the same, and undone until the first call."
    ),
    mark("This workbook has no such sheet."),
    mark("No column with phone numbers was found. Name its heading “Phone”."),
    mark("One column at least must hold phone numbers."),
    mark("The mapping of the columns does not fit the file."),
    mark("The options cannot be used."),
    mark("Send either a file or text."),
    mark("The length of the form is not known."),
    mark("To look for duplicates in a campaign, name the campaign."),
    mark("The region must be a country's two letters, such as RU, UA or US."),
    mark("There is no such contact list."),
    mark("There is no such import."),
    mark("This import is not staged any more: upload the file again."),
    mark("Only an import that is committed can be undone."),
    mark("Somebody in this file was called already, so the import stays."),
    mark("Some of its leads are being dialled at this moment: pause the campaign and try again."),
    mark("A later import changed the same contacts: undo that one first."),
    mark("The uploaded file is not there any more: upload it again."),
    mark("The database does not take the file's contents. It was logged."),
    mark("The import was broken off several times. It was logged; try a smaller file."),
    mark("No rule knows this kind of consent."),
    mark("Say where the proof of the consent is."),
    mark("Write the instant as 2026-11-23T13:00:00Z."),
    mark("This number needs its country code, such as +7 or +380."),
    mark("The input cannot be used."),
    mark("You may not do this."),
    mark("Somebody else has just made the same thing."),
    mark("Load a fresh copy of the do-not-call lists: `outdial dnc load`."),
    mark(
        "The purpose of the calls is not set: set `purpose` in the campaign's settings"
        " (sales, survey, debt, notification, political or charity)."
    ),
)

#: What the questionnaire's page tells of an answer that was not taken.
INTERVIEWS = (
    mark("There is no such interview."),
    mark("The interview has ended: its answers do not change any more."),
    mark("Another window has answered this question since: its answer stands."),
    mark("The call is not connected yet."),
    mark("The form has no published version."),
)
