"""Words of accounts and of the audit log: what people read instead of codes."""

from api.builder.words import STEPS
from api.labels import mark
from campaigns.tenancy.models import Role

ROLES = {
    Role.ADMIN: mark("Administrator"),
    Role.MANAGER: mark("Manager"),
    Role.SUPERVISOR: mark("Supervisor"),
    Role.AGENT: mark("Operator"),
    Role.CLIENT: mark("Client, reads results"),
}

#: What was done on the own account: shown once, above the page.
DONE = {
    "password": mark("The password is changed. All other browsers are signed out."),
    "factor_off": mark("The second factor is off."),
    "signed_out": mark("That browser is signed out."),
}

#: Actions of the audit log. One that is not here is shown as it is stored.
ACTIONS = {
    "sign_in.password_accepted": mark("Right password"),
    "sign_in.refused": mark("Wrong password, or a disabled user"),
    "second_factor.accepted": mark("Right code"),
    "second_factor.refused": mark("Wrong code"),
    "second_factor.confirmed": mark("Second factor set up"),
    "second_factor.turned_off": mark("Second factor turned off"),
    "second_factor.codes_renewed": mark("New recovery codes"),
    "second_factor.reset": mark("Second factor reset"),
    "password.changed": mark("Password changed"),
    "password.refused": mark("Wrong present password"),
    "session.signed_out": mark("Signed out"),
    "session.revoked": mark("Signed out by an administrator"),
    "user.created": mark("User made"),
    "user.disabled": mark("User disabled"),
    "user.enabled": mark("User enabled"),
    "user.role_changed": mark("Role changed"),
    "user.unlocked": mark("Waits after failures ended"),
    "token.issued": mark("Token of the API issued"),
    "token.revoked": mark("Tokens of the API revoked"),
    "client.changed": mark("Client changed"),
    "results.downloaded": mark("Results downloaded"),
    "refused_rows.downloaded": mark("Refused rows downloaded"),
    "evidence.downloaded": mark("Evidence downloaded"),
    "person.looked_up": mark("A person's calls looked up"),
    "person.erased": mark("Person erased"),
    "campaign.created": mark("Campaign made"),
    "campaign.changed": mark("Campaign changed"),
    "campaign.running": mark("Campaign started"),
    "campaign.paused": mark("Campaign paused"),
    "campaign.stopped": mark("Campaign stopped"),
    "campaign.finished": mark("Campaign finished"),
    "campaign.list_enrolled": mark("List enrolled in a campaign"),
    "campaign.caller_ids_set": mark("Caller IDs of a campaign set"),
    "caller_id.saved": mark("Caller ID saved"),
    "caller_id.disabled": mark("Caller ID disabled"),
    "agent_session.campaigns_changed": mark("An operator's campaigns changed"),
    "amd.switched_on": mark("Machine detection switched on"),
    "amd.switched_off": mark("Machine detection switched off"),
    "amd_verdict.judged": mark("Machine or person: judged"),
    "callback.promised": mark("Callback promised"),
    "callback.replaced": mark("Callback replaced"),
    "callback.cancelled": mark("Callback cancelled"),
    "consent.recorded": mark("Consent recorded"),
    "consent.imported": mark("Consents imported"),
    "consent.withdrawn": mark("Consent withdrawn"),
    "exemption.proposed": mark("Exemption proposed"),
    "exemption.approved": mark("Exemption approved"),
    "exemption.ended": mark("Exemption ended"),
    "suppression.added": mark("Number put on the do-not-call list"),
    "suppression.lifted": mark("Number taken off the do-not-call list"),
    "import.staged": mark("File uploaded"),
    "import.changed": mark("Import changed"),
    "import.commit_started": mark("Import begun"),
    "import.committed": mark("Import done"),
    "import.failed": mark("Import failed"),
    "import.undone": mark("Import undone"),
    "import.discarded": mark("Import discarded"),
    "dnc_list.loaded": mark("Do-not-call list loaded"),
    "dnc_list.changed": mark("Do-not-call list changed"),
    "emergency.turned_on": mark("Emergency declared"),
    "emergency.turned_off": mark("Emergency ended"),
    "preview.dial": mark("Preview: dialled"),
    "preview.skip": mark("Preview: skipped"),
    "segment.saved": mark("Segment saved"),
    "segment.deleted": mark("Segment deleted"),
    "phone.placed_again": mark("Places of numbers found again"),
    "form.created": mark("Form made"),
    "form.draft_saved": mark("A form's draft saved"),
    "form.published": mark("Form published"),
    "form.edit_undone": mark("Change of a form undone"),
    **STEPS,
}

#: The command line acts without a user.
COMMAND_LINE = mark("command line")

#: Sentences of errors that are made in ``campaigns.accounts`` and shown on the pages.
PROBLEMS = (
    mark("A password has at least 12 characters. Several words are easy to remember."),
    mark("A password has at most 200 characters."),
    mark(
        "This password would be guessed: it is made of common words, rows of keys or your own name."
    ),
    mark("The two passwords are not the same."),
    mark("The present password is not right."),
    mark("This code is not right, or was used already. Wait for the next one."),
    mark("The second factor is set up already."),
    mark("Set up the second factor first."),
    mark("Your role needs a second factor: it cannot be turned off."),
    mark("You cannot disable your own account: another administrator can."),
    mark("There were too many attempts. Wait a little and try again."),
    mark("Too many people sign in at the moment; try again."),
    mark("There is no such user."),
    mark("There is no such session, or it has ended."),
    mark("Show the code of your second factor first."),
    mark("Choose a password of your own first."),
    mark("Set up your second factor first."),
)
