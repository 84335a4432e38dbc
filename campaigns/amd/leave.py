"""May a call leave its message on a machine? Asked before the call, with the facts of the person."""

from dataclasses import replace
from datetime import datetime

from campaigns.amd.settings import MachineAction
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.history import PersonFacts
from campaigns.leads.hopper import Candidate
from compliance.gate import Clearance
from compliance.machine_messages import MessageLeave, may_leave_message
from compliance.places.placement import Placement

#: The campaign has no message in the person's language, and none for all.
NO_MESSAGE = "no_message_in_language"
#: The campaign leaves none.
NOT_WANTED = MessageLeave(False)


def message_leave(
    keeper: Gatekeeper,
    candidate: Candidate,
    person: PersonFacts | None,
    placement: Placement | None,
    at: datetime,
) -> MessageLeave:
    """Answer for one lead; what is not known refuses."""
    amd = keeper.settings.amd
    if amd is None or amd.on_machine is not MachineAction.LEAVE_MESSAGE:
        return NOT_WANTED
    if not amd.has_message(candidate.language):
        return MessageLeave(False, (NO_MESSAGE,))
    return may_leave_message(keeper.facts(candidate, person, placement, at), keeper.law)


def noted(clearance: Clearance, leave: MessageLeave) -> Clearance:
    """Return the clearance with the answer in its receipt: by what a message may be left, or not."""
    if leave is NOT_WANTED:
        return clearance
    receipt = {**clearance.receipt, "machine_message": leave.receipt()}
    return replace(clearance, receipt=receipt)
