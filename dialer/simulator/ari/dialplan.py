"""What the dialplan does with a channel that leaves Stasis by ``continue``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialer.simulator.ari.channels import Channel
from dialer.simulator.behaviour import BehaviourKind


@dataclass(frozen=True, slots=True)
class Return:
    """The channel comes back into its application."""

    args: tuple[str, ...]  #: the arguments of the new StasisStart
    after_s: float  #: the world's seconds, before its speed is applied


#: A context: returns how the channel comes back, or none when it is hung up.
Context = Callable[[Channel], Return | None]


def record(channel: Channel) -> Return:
    """Start MixMonitor and come back: a millisecond or two."""
    return Return(("recording",), 0.0015)


def stop_recording(channel: Channel) -> Return:
    """End MixMonitor and come back."""
    return Return(("unrecorded",), 0.0015)


def detect_machine(channel: Channel) -> Return:
    """Run AMD() on the greeting: two seconds, and never a mistake."""
    if channel.person is not None and channel.person.kind is BehaviourKind.MACHINE:
        return Return(("amd", "MACHINE", "MAXWORDS-5-4"), 2.0)
    return Return(("amd", "HUMAN", "HUMAN-500-500"), 2.0)


def wait_for_silence(channel: Channel) -> Return:
    """Run WaitForSilence(): a machine's greeting ends at some time."""
    return Return(("greeting", "SILENCE"), 3.0)


#: The contexts of the house's dialplan. Any other context hangs up.
DIALPLAN: Mapping[str, Context] = {
    "mixmon": record,
    "unmixmon": stop_recording,
    "amd": detect_machine,
    "greeting": wait_for_silence,
}
