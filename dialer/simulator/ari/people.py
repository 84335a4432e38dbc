"""How the people and phones of the simulated world take a call, as the network shows it."""

from dataclasses import dataclass
from typing import Protocol

from dialer.simulator.ari.causes import Ending, of_sip
from dialer.simulator.behaviour import Behaviour, BehaviourKind
from dialer.simulator.population import NETWORK_RING_LIMIT_S

_ANSWERING = frozenset({BehaviourKind.ANSWER, BehaviourKind.MACHINE})
_RINGING = _ANSWERING | {BehaviourKind.NO_ANSWER, BehaviourKind.REJECT}
_ENDLESS = frozenset({BehaviourKind.NO_ANSWER, BehaviourKind.SILENT})


class People(Protocol):
    """Everybody who may be rung up; ``dialer.simulator.population.Population`` is one."""

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return how ``number`` takes its ``nth_call`` (1 is the first)."""
        ...


@dataclass(frozen=True, slots=True)
class Everybody:
    """A population in which all are alike."""

    manner: Behaviour

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return the one manner there is."""
        return self.manner


#: An agent's phone answers by itself and stays up.
AGENT_PHONE = Behaviour(BehaviourKind.ANSWER, ring_s=0.005)


def answers(person: Behaviour) -> bool:
    """Return whether the channel of this person comes up."""
    return person.kind in _ANSWERING


def progress(person: Behaviour) -> str:
    """Return the ``dialstatus`` shown before the end or the answer; empty when there is none."""
    if person.kind is BehaviourKind.EARLY_MEDIA_BUSY:
        return "PROGRESS"
    return "RINGING" if person.kind in _RINGING else ""


def is_endless(person: Behaviour) -> bool:
    """Return whether only the network's own limit would end the ringing."""
    return person.kind in _ENDLESS and person.ring_s in (0.0, NETWORK_RING_LIMIT_S)


def refusal(person: Behaviour) -> Ending:
    """Return how a call that is not answered ends when the far end ends it."""
    return of_sip(person.final_code)
