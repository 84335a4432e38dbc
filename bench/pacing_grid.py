"""The days on which pacing is measured, and what is asked of it there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

AGENTS = (5, 10, 25, 50, 100)
RATES = (0.25, 0.1, 0.5)
#: Answer rate and talk time of the departures.
PLAIN = (0.25, 60)
TALKS_S = (60, 180)
WRAP_S = 15
RING_S, RING_LIMIT_S, PATIENCE_S = 12.0, 25.0, 2.0
#: Seeds by number of agents: a day of 100 has twenty times the people of one of 5.
SEEDS: Mapping[int, int] = {5: 6, 10: 6, 25: 3, 50: 2, 100: 2}
#: Rivals. They are measured with the first seeds only, and besides the plain days only on those of
#: ``_RIVALS_ON``: nothing is promised of them, and their figures hardly differ from seed to seed.
BASELINES = ("progressive", "best ratio", "vicidial", "erlang")
_RIVAL_SEEDS = 2
_RIVALS_ON = ("stationary", "mix")

#: A walk of the odds and sudden jumps: what a list does in the course of a day.
_MIX = {"drift": {"sd": 0.35, "minutes": 30}, "jumps": {"every_minutes": 40}}

#: Departures from the plain day, at 25 % and 60 s.
VARIATIONS: Mapping[str, dict[str, Any]] = {
    "mix": {"answer_rate": {"rate": 0.25, **_MIX}},
    "failures": {"fast_failures": 0.25},
    "machines": {"machines": 0.15, "amd": {}},
    "machines to agents": {"machines": 0.15},
    "pauses": {"pauses": {"share": 0.05}},
    "talk cv 1.5": {"talk": {"mean_s": 60, "cv": 1.5}},
    "second day": {"history_days": 1},
}
#: Only its first hour matters.
_SECOND_DAY_H = 2.0

#: Utilisation to reach, in percent, by answer rate and talk time: for each number of ``AGENTS``.
GOALS: Mapping[tuple[float, int], tuple[float, ...]] = {
    (0.25, 60): (71.0, 80.5, 89.3, 93.7, 96.7),
    (0.25, 180): (81.0, 86.5, 91.5, 94.8, 96.9),
    (0.1, 60): (68.0, 79.0, 88.0, 93.0, 96.0),
}
#: A departure may cost this, in points.
VARIATION_POINTS = 1.0
CEILING, WINDOW_CEILING = 0.03, 0.06
FIRST_HOUR_POINTS = 6.0


@dataclass(frozen=True)
class Cell:
    """One kind of day."""

    agents: int
    answer_rate: float
    talk_s: int
    variation: str = "stationary"
    hours: float = 8.0
    seeds: tuple[int, ...] = field(default=(1, 2, 3))

    @property
    def name(self) -> str:
        """For rows and messages."""
        day = f"{self.agents} agents, {self.answer_rate:.0%}, {self.talk_s} s"
        return f"{day}, {self.variation}"

    def seeds_of(self, controller: str) -> tuple[int, ...]:
        """Return the seeds with which a controller is measured here; none: it is not."""
        if controller == "clairvoyant":
            plain = self.variation == "stationary" and (self.answer_rate, self.talk_s) == PLAIN
            return self.seeds[:_RIVAL_SEEDS] if plain else ()
        if controller in BASELINES:
            return self.seeds[:_RIVAL_SEEDS] if self.variation in _RIVALS_ON else ()
        return self.seeds

    @property
    def decisions(self) -> float:
        """Return about how often a controller is asked in a day: once a second, and at events."""
        talks = 0.9 * self.agents * 3600 / (self.talk_s + WRAP_S)
        days = 1 + VARIATIONS.get(self.variation, {}).get("history_days", 0)
        return float(days * self.hours * (3600 + talks * (2.5 + 1.2 / self.answer_rate)))

    @property
    def goal(self) -> float | None:
        """Utilisation to reach, 0..1; None: nothing is asked of this cell."""
        row = GOALS.get((self.answer_rate, self.talk_s))
        if row is None or self.agents not in AGENTS:
            return None
        return row[AGENTS.index(self.agents)] / 100

    def raw(self) -> dict[str, Any]:
        """The scenario as JSON values."""
        return {
            "name": self.name,
            "hours": self.hours,
            "agents": self.agents,
            "answer_rate": self.answer_rate,
            "talk": {"mean_s": self.talk_s},
            "wrap": {"mean_s": WRAP_S, "law": "gamma", "cv": 0.5},
            "ring": {"mean_s": RING_S},
            "ring_limit_s": RING_LIMIT_S,
            "patience_s": PATIENCE_S,
            "ceiling": CEILING,
            **VARIATIONS.get(self.variation, {}),
        }


def cells(agents: Sequence[int], *, quick: bool) -> Iterator[Cell]:
    """All cells with these numbers of agents; few and short ones when it has to be quick."""
    hours = 2.0 if quick else 8.0
    for number in agents:
        seeds = (1, 2) if quick else tuple(range(1, 1 + SEEDS[number]))
        for rate in RATES:
            for talk_s in TALKS_S:
                if not quick or (rate, talk_s) in (PLAIN, (0.1, 60)):
                    yield Cell(number, rate, talk_s, hours=hours, seeds=seeds)
        for variation in ("mix", "failures") if quick else VARIATIONS:
            length_h = _SECOND_DAY_H if variation == "second day" else hours
            yield Cell(number, *PLAIN, variation, length_h, seeds)
