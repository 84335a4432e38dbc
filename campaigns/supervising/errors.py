"""Why a supervisor's wish cannot be done."""

from dialer.errors import Conflict, Invalid, NotFound


class NotMonitoring(NotFound):
    """The supervisor listens to nobody."""

    code = "not_monitoring"
    message = "You listen to nobody: choose an operator first."


class ListensToSelf(Invalid):
    """A supervisor who takes calls, too, would listen to the own ones."""

    code = "listens_to_self"
    message = "This is you: choose another operator."


class NoTalkToTake(Conflict):
    """There is no customer who could be taken over."""

    code = "no_talk_to_take"
    message = "The operator talks with nobody now: there is no customer to take over."


class TalkHasThirdParty(Conflict):
    """The agent has called a third party: the customer is somebody else's in a moment."""

    code = "talk_has_third_party"
    message = "The operator is on the line with a third party: wait until it is out."


class NobodyThere(Conflict):
    """A message to a campaign in which nobody works reaches nobody."""

    code = "nobody_there"
    message = "Nobody is signed in to this campaign: the message would reach nobody."


class BadMessage(Invalid):
    """A message has words, and not too many of them."""

    code = "bad_message"
    message = "Write 1 to 500 letters."


class MessageNotFound(NotFound):
    """No such message to this agent."""

    code = "message_not_found"
    message = "There is no such message."


class NotInTheCampaign(NotFound):
    """The campaign has no leads of this list."""

    code = "list_not_in_campaign"
    message = "This list is not in the campaign."


class PauseHolds(Conflict):
    """A supervisor paused the agent, and the pause is not over."""

    code = "pause_holds"
    message = "Your supervisor paused you: you can be ready when the supervisor, or the set time, ends it."
