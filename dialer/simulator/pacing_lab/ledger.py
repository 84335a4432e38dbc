"""What happened in one campaign, minute by minute."""

from array import array
from dataclasses import dataclass, field

from dialer.simulator.pacing_lab.agents import Doing

_MINUTE_S = 60.0


def _zeros(kind: str, count: int) -> "array[float]":
    return array(kind, bytes(8 * count))


@dataclass(slots=True)
class Ledger:
    """Counts and agents' seconds by minute; calls are counted in the minute of their answer."""

    seconds: float
    talking: "array[float]" = field(init=False)
    wrapping: "array[float]" = field(init=False)
    ready: "array[float]" = field(init=False)
    answered: "array[float]" = field(init=False)
    abandoned: "array[float]" = field(init=False)
    dialled: "array[float]" = field(init=False)
    cancelled: int = 0
    machines: int = 0  #: passed to an agent, or left waiting for one
    refused_orders: int = 0  #: calls that were asked for or cancelled against a limit
    ringing: "array[int]" = field(default_factory=lambda: array("q"))  #: at each tick
    waiting: "array[int]" = field(default_factory=lambda: array("q"))
    decisions_ns: "array[int]" = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        """Make the minutes, one more than the day has: it ends when the last call has ended."""
        minutes = self.minutes + 3
        for name in ("talking", "wrapping", "ready", "answered", "abandoned", "dialled"):
            setattr(self, name, _zeros("d", minutes))

    @property
    def minutes(self) -> int:
        """Minutes of the day, the last one perhaps not full."""
        return int(-(-self.seconds // _MINUTE_S))

    def spend(self, doing: Doing, from_s: float, to_s: float) -> None:
        """Book an agent's time; what lies after the end of the day or was a pause is not booked."""
        match doing:
            case Doing.TALKING:
                minutes = self.talking
            case Doing.WRAPPING:
                minutes = self.wrapping
            case Doing.READY:
                minutes = self.ready
            case Doing.PAUSED | Doing.AWAY:
                return
        end_s = min(to_s, self.seconds)
        while from_s < end_s:
            minute = int(from_s / _MINUTE_S)
            stop_s = min(end_s, (minute + 1) * _MINUTE_S)
            minutes[minute] += stop_s - from_s
            from_s = stop_s

    def count(self, minutes: "array[float]", at_s: float) -> None:
        """Count one in the minute of ``at_s``; what comes after the end belongs to the last one."""
        minutes[min(int(at_s / _MINUTE_S), self.minutes)] += 1
