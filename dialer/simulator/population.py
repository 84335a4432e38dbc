"""The simulated public: what each telephone number does when it is called.

Pure: no I/O and no clock. A number's behaviour depends on the seed, the number and how many times
it has been called before, never on the order in which numbers are called, so a run can be replayed.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dialer.simulator.behaviour import Behaviour, BehaviourKind, explicit_behaviour

#: Seconds a network lets a telephone ring before it gives up with a 480.
#: Source: RFC 3261, section 16.6, Timer C ("larger than 3 minutes").
NETWORK_RING_LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class Spread:
    """A lognormal spread of durations."""

    median_s: float
    sigma: float  #: standard deviation of the logarithm; 0: always the median

    def draw(self, rng: random.Random) -> float:
        """Return one duration in seconds."""
        return self.median_s * math.exp(rng.gauss(0.0, self.sigma))


_REFUSAL = Spread(0.3, 0.3)
_MACHINE_TALK = Spread(15.0, 0.3)
# A machine's greeting is not shortened by speed, and detecting one may take 5 s of it.
_MACHINE_TALK_AT_LEAST_S = 6.0
_EARLY_MEDIA = Spread(3.0, 0.2)


@dataclass(frozen=True, slots=True)
class PopulationProfile:
    """The make-up of a population.

    Raises:
        ValueError: no share is positive, one is negative, or speed is not positive.
    """

    name: str
    shares: Mapping[BehaviourKind, float]  #: relative weights, need not add up to 1
    ring: Spread = Spread(9.0, 0.45)
    talk: Spread = Spread(60.0, 0.8)
    hang_up_early_rate: float = 0.0  #: share of people (0..1) who hang up within 3 s of answering
    speed: float = 1.0  #: people's times are divided by this; the network's own limit is not
    sip_codes: Mapping[BehaviourKind, int] = field(default_factory=dict)
    overrides: Mapping[str, Behaviour] = field(
        default_factory=dict
    )  #: by number, with or without +

    def __post_init__(self) -> None:
        if min(self.shares.values(), default=0) < 0 or sum(self.shares.values()) <= 0:
            raise ValueError("shares must not be negative and at least one must be positive")
        if self.speed <= 0:
            raise ValueError("speed must be positive")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "shares": {kind.value: share for kind, share in self.shares.items()},
            "ring": asdict(self.ring),
            "talk": asdict(self.talk),
            "hang_up_early_rate": self.hang_up_early_rate,
            "speed": self.speed,
            "sip_codes": {kind.value: code for kind, code in self.sip_codes.items()},
            "overrides": {number: b.to_dict() for number, b in self.overrides.items()},
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "PopulationProfile":
        """Read what ``to_dict`` wrote; all but ``shares`` may be left out.

        An override may also be a test user part such as ``"t-busy"``.

        Raises:
            KeyError: there are no shares.
            TypeError: a field is not known.
            ValueError: a value is out of range.
        """
        read = {"name": "custom", **facts}
        read["shares"] = {BehaviourKind(k): float(v) for k, v in facts["shares"].items()}
        read["sip_codes"] = {BehaviourKind(k): int(v) for k, v in read.pop("sip_codes", {}).items()}
        for name in {"ring", "talk"} & read.keys():
            read[name] = Spread(**read[name])
        read["overrides"] = {n: _override(b) for n, b in read.pop("overrides", {}).items()}
        return cls(**read)


def _override(facts: str | Mapping[str, Any]) -> Behaviour:
    """Read one override, given as a test user part or as a behaviour's own values."""
    if not isinstance(facts, str):
        return Behaviour.from_dict(facts)
    behaviour = explicit_behaviour(facts)
    if behaviour is None:
        raise ValueError(f"not a test user part: {facts}")
    return behaviour


class Population:
    """Every number's behaviour, drawn from a profile and a seed."""

    def __init__(self, profile: PopulationProfile, seed: int) -> None:
        self.profile = profile
        self.seed = seed
        self._overrides = {n.removeprefix("+"): b for n, b in profile.overrides.items()}
        self._others = {k: w for k, w in profile.shares.items() if k is not BehaviourKind.INVALID}
        total = sum(profile.shares.values())
        self._invalid_rate = profile.shares.get(BehaviourKind.INVALID, 0.0) / total

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return what happens when ``number`` is called for the ``nth_call`` time (from 1).

        Raises:
            ValueError: ``number`` is a malformed test user part.
        """
        number = number.removeprefix("+")
        known = self._overrides.get(number) or explicit_behaviour(number)
        return known or self._draw(number, nth_call)

    def _draw(self, number: str, nth_call: int) -> Behaviour:
        # Whether a number exists does not change from call to call: its own generator decides.
        if random.Random(f"{self.seed}:{number}").random() < self._invalid_rate:
            kind = BehaviourKind.INVALID
            rng = random.Random(f"{self.seed}:{number}:{nth_call}")
        else:
            rng = random.Random(f"{self.seed}:{number}:{nth_call}")
            kind = rng.choices(list(self._others), list(self._others.values()))[0]
        ring_s, talk_s, greeting = self._times(kind, rng)
        return Behaviour(kind, ring_s, talk_s, self.profile.sip_codes.get(kind), greeting)

    def _times(self, kind: BehaviourKind, rng: random.Random) -> tuple[float, float, str]:
        """Return ring seconds, talk seconds and greeting."""
        profile = self.profile
        match kind:
            case BehaviourKind.ANSWER:
                early = rng.random() < profile.hang_up_early_rate
                talk_s = rng.uniform(0.5, 3.0) if early else profile.talk.draw(rng)
                greeting = rng.choices(["hello", "hello_long"], [4, 1])[0]
            case BehaviourKind.MACHINE:
                talk_s, greeting = _MACHINE_TALK.draw(rng), "machine"
                talk_s = max(talk_s, _MACHINE_TALK_AT_LEAST_S * profile.speed)
            case BehaviourKind.NO_ANSWER | BehaviourKind.SILENT:
                return NETWORK_RING_LIMIT_S, 0.0, "hello"
            case BehaviourKind.EARLY_MEDIA_BUSY:
                return _EARLY_MEDIA.draw(rng) / profile.speed, 0.0, "hello"
            case BehaviourKind.REJECT:
                talk_s, greeting = 0.0, "hello"
            case _:
                return _REFUSAL.draw(rng) / profile.speed, 0.0, "hello"
        return profile.ring.draw(rng) / profile.speed, talk_s / profile.speed, greeting


_SURVEY = {
    BehaviourKind.ANSWER: 0.28,
    BehaviourKind.MACHINE: 0.17,
    BehaviourKind.NO_ANSWER: 0.33,
    BehaviourKind.BUSY: 0.08,
    BehaviourKind.REJECT: 0.04,
    BehaviourKind.INVALID: 0.05,
    BehaviourKind.CONGESTION: 0.02,
    BehaviourKind.UNAVAILABLE: 0.02,
    BehaviourKind.EARLY_MEDIA_BUSY: 0.01,
}

#: Profiles known by name.
PROFILES: Mapping[str, PopulationProfile] = {
    profile.name: profile
    for profile in (
        PopulationProfile("survey", _SURVEY, hang_up_early_rate=0.06),
        PopulationProfile(
            "answers_all", {BehaviourKind.ANSWER: 1.0}, Spread(0.3, 0.0), Spread(2.0, 0.0)
        ),
        PopulationProfile("machines_all", {BehaviourKind.MACHINE: 1.0}, Spread(2.0, 0.2)),
        PopulationProfile("rings_all", {BehaviourKind.NO_ANSWER: 1.0}),
        PopulationProfile("rejects_all", {BehaviourKind.CONGESTION: 1.0}),
        PopulationProfile("silent_all", {BehaviourKind.SILENT: 1.0}),
    )
}
