"""The situations the campaigns' side refuses, each with what would mend it."""

from dialer.errors import Conflict, Invalid, NotFound


class CampaignNotFound(NotFound):
    """No campaign of this client has the id."""

    code = "campaign_not_found"
    message = "There is no such campaign."


class ListNotFound(NotFound):
    """No contact list of this client has the id."""

    code = "list_not_found"
    message = "There is no such contact list."


class TrunkNotFound(NotFound):
    """No trunk that this client may use has the name."""

    code = "trunk_not_found"
    message = "There is no such trunk."


class CallerIdNotFound(NotFound):
    """The client does not own this caller ID."""

    code = "caller_id_not_found"
    message = "This caller ID does not belong to you."


class AttemptNotFound(NotFound):
    """No attempt of this client has the id."""

    code = "attempt_not_found"
    message = "There is no such attempt."


class AgentNotFound(NotFound):
    """No agent of this client has the id."""

    code = "agent_not_found"
    message = "There is no such agent."


class NotSignedIn(Conflict):
    """The agent has no open session."""

    code = "not_signed_in"
    message = "The agent is not signed in: sign in to a campaign first."


class AlreadySignedIn(Conflict):
    """The agent has an open session; nobody has two shifts at a time."""

    code = "already_signed_in"
    message = "The agent is signed in already: sign out first."


class CampaignEnded(Conflict):
    """The campaign is over: nobody would be called."""

    code = "campaign_ended"
    message = "The campaign is over: start it again, or sign in to another one."


class NameTaken(Conflict):
    """The client has another one of this name."""

    code = "name_taken"
    message = "The name is taken: choose another one."


class WrongState(Conflict):
    """The campaign's state does not allow this."""

    code = "wrong_state"
    message = "The campaign is not in a state in which this can be done."


class NotStartable(Conflict):
    """A campaign lacks something without which nothing could be dialled."""

    code = "not_startable"
    message = "The campaign cannot be started."


class NoContacts(NotStartable):
    """Nobody is left to be dialled."""

    code = "no_contacts"
    message = "There is nobody to call: add a contact list to the campaign."


class NoHours(NotStartable):
    """Nobody said when people may be called."""

    code = "no_hours"
    message = "The calling hours are not set: set them in the campaign's settings."


class EndPassed(NotStartable):
    """The campaign's last day is over."""

    code = "end_passed"
    message = "The campaign's end has passed: set a later one in its settings, or none."


class NoPurpose(NotStartable):
    """Nobody said why people are called, so nobody can say what the law asks."""

    code = "no_purpose"
    message = (
        "The purpose of the calls is not set: set `purpose` in the campaign's settings"
        " (sales, survey, debt, notification, political or charity)."
    )


class DncNotFresh(NotStartable):
    """A do-not-call list the law asks for is not loaded, or too old; ``detail`` names each."""

    code = "dnc_not_fresh"
    message = "Load a fresh copy of the do-not-call lists: `outdial dnc load`."


class NoAbandonMessage(NotStartable):
    """The law asks for a message to people for whom there is no agent."""

    code = "no_abandon_message"
    message = (
        "The law asks for a message when nobody is free to talk: turn `abandon_message` on"
        " in the campaign's settings."
    )


class NoOptOutKey(NotStartable):
    """The law asks for a way to refuse further calls during that message."""

    code = "no_opt_out_key"
    message = (
        "The law asks that a person can refuse further calls during the message for abandoned calls:"
        " set `opt_out_key` in the campaign's settings."
    )


class NoMachineMessage(NotStartable):
    """Machines are to be left a message, and there is none in any contact's language."""

    code = "no_machine_message"
    message = (
        "None of the messages for answering machines is in a language of the contacts: add one to"
        " `amd.messages` in the campaign's settings, or set `on_machine` to hang_up."
    )


class NoTrunk(NotStartable):
    """There is no way out to the telephone network."""

    code = "no_trunk"
    message = "The campaign has no trunk: choose one."


class BadSettings(Invalid):
    """The campaign's settings break a rule; ``detail`` names each setting and the rule."""

    code = "bad_settings"
    message = "The settings cannot be used."


class LeadNotFound(NotFound):
    """No such lead."""

    code = "lead_not_found"
    message = "There is no such lead in this campaign."
