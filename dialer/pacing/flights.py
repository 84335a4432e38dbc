"""What was predicted for each call when it was placed, until it is known how it ended."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from dialer.pacing.facts import RingingCall

CallId = int | str


@dataclass(frozen=True, slots=True)
class Forecast:
    """A call's own risk when it was placed, and the pace of spending allowed then; both 0..1."""

    risk: float
    pace: float


class Flights:
    """Forecasts of the calls in flight by id.

    A controller says "place two" before the calls have ids: their forecasts wait in line until
    new calls show up among the ringing.
    """

    def __init__(self) -> None:
        """Start with nothing in flight."""
        self._by_id: dict[CallId, Forecast | None] = {}
        self._unnamed: deque[Forecast] = deque(maxlen=4096)
        self.risk_sum = 0.0  #: of the calls in flight, each given that it is answered

    def promise(self, forecasts: Sequence[Forecast]) -> None:
        """Keep the forecasts of the calls that are to be placed now; older ones were not placed."""
        self._unnamed.clear()
        self._unnamed.extend(forecasts)

    def unseen(self, ringing: Sequence[RingingCall]) -> list[RingingCall]:
        """Return the calls that are new since the last time, oldest first, and name them."""
        known, new = self._by_id, []
        for call in reversed(ringing):
            if call.id in known:
                break
            new.append(call)
        new.reverse()
        for call in new:
            self._name(call.id)
        return new

    def _name(self, call_id: CallId) -> Forecast | None:
        forecast = self._unnamed.popleft() if self._unnamed else None
        self._by_id[call_id] = forecast
        if forecast is not None:
            self.risk_sum += forecast.risk
        return forecast

    def knows(self, call_id: CallId) -> bool:
        """Return whether the call has been seen ringing."""
        return call_id in self._by_id

    def end(self, call_id: CallId) -> Forecast | None:
        """Forget a call that has been answered or has ended; return what was predicted for it."""
        if call_id not in self._by_id:
            return self._unnamed.popleft() if self._unnamed else None
        forecast = self._by_id.pop(call_id)
        if forecast is not None:
            self.risk_sum -= forecast.risk
        if not self._by_id:
            self.risk_sum = 0.0  # no rounding is carried on
        return forecast

    def keep_only(self, ringing: Sequence[RingingCall]) -> None:
        """Forget calls whose end was never reported."""
        up = {call.id for call in ringing}
        for call_id in [known for known in self._by_id if known not in up]:
            self.end(call_id)
