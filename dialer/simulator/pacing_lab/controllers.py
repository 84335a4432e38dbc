"""Controllers by name, as the command line and the benches ask for them."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from dialer.errors import Invalid
from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.simulator.pacing_lab.baselines import ErlangPredictor, FixedRatio, Progressive
from dialer.simulator.pacing_lab.clairvoyant import Clairvoyant
from dialer.simulator.pacing_lab.running import Maker
from dialer.simulator.pacing_lab.scenario import BadScenario, Campaign, Scenario
from dialer.simulator.pacing_lab.side import Controller
from dialer.simulator.pacing_lab.vicidial import AdaptiveMode, VicidialAdaptive, VicidialPolicy

#: Names that need no number behind them, and what they are.
NAMES: Mapping[str, str] = {
    "predictive": "the dialer's own: as many calls as the abandonment budget bears",
    "clairvoyant": "the dialer's own, told when each agent will be free: a bound, not a rival",
    "progressive": "one call for each free agent",
    "ratio:K": "K calls for each free agent, for example ratio:2",
    "vicidial": "an adaptive dial level; vicidial:hard_limit, :average, :tapered (usual)",
    "erlang": "counts on agents whose talk has probably ended",
}


class UnknownController(ValueError):
    """No controller has this name."""


def maker(name: str) -> Maker:
    """Return what makes controllers of this name.

    Raises:
        UnknownController: there is none.
    """
    kind, _, argument = name.partition(":")
    match kind, argument:
        case "predictive", "":
            return _predictive
        case "clairvoyant", "":
            return lambda scenario, campaign, _former: Clairvoyant(
                _predictive(scenario, campaign, None)
            )
        case "progressive", "":
            return lambda _scenario, _campaign, _former: Progressive()
        case "ratio", _:
            ratio = _number(argument)
            return lambda _scenario, _campaign, _former: FixedRatio(ratio)
        case "vicidial", _ if argument in ("", *AdaptiveMode):
            mode = AdaptiveMode(argument or AdaptiveMode.TAPERED)
            return lambda scenario, campaign, _former: VicidialAdaptive(
                VicidialPolicy(mode, drop_limit=campaign.ceiling, day_s=scenario.seconds)
            )
        case "erlang", "":
            return lambda _scenario, _campaign, _former: ErlangPredictor()
        case _:
            raise UnknownController(f"no controller {name!r}; there are {', '.join(NAMES)}")


def policy_of(scenario: Scenario, campaign: Campaign) -> PredictivePolicy:
    """Return the production policy that a campaign of a scenario asks for.

    The share is judged at the end of the day, or of the campaign, unless its ``policy`` says otherwise.

    Raises:
        BadScenario: its ``policy`` has an unknown field, or contradicts itself.
    """
    unknown = set(campaign.policy) - {field.name for field in fields(PredictivePolicy)}
    if unknown:
        raise BadScenario(f"`policy` has no field {', '.join(sorted(unknown))}")
    told: dict[str, Any] = {
        "target_rate": campaign.target,
        "ceiling": campaign.ceiling,
        "patience_s": campaign.patience_s,
        "least_ring_s": campaign.least_ring_s,
        "ring_limit_s": campaign.ring_limit_s,
        "max_ratio": campaign.max_ratio,
        "least_agents": campaign.least_agents,
        "cancels": campaign.cancels,
        # Twice the ceiling, as the usual ones are.
        "burst_ceiling": max(0.06, 2 * campaign.ceiling),
        "window": BudgetWindow(ends_at_s=_end_s(scenario, campaign)),
    }
    if campaign.amd is not None:
        told["detection_s"] = campaign.amd.delay_s
        told["audit_share"] = campaign.amd.audited or 1.0
    try:
        return msgspec.convert({**told, **campaign.policy}, PredictivePolicy)
    except (msgspec.ValidationError, Invalid) as fault:
        raise BadScenario(f"`policy`: {fault}") from fault


def _predictive(scenario: Scenario, campaign: Campaign, former: Controller | None) -> Controller:
    priors = former.estimates.saved() if isinstance(former, Predictive) else None
    return Predictive(policy_of(scenario, campaign), priors)


def _end_s(scenario: Scenario, campaign: Campaign) -> float:
    """The end on the clock that the controller sees; where that goes ahead, it will believe it."""
    end_s = scenario.seconds if campaign.to_h is None else campaign.to_h * 3600
    back_s = sum(jump.by_s for jump in scenario.clock_jumps if jump.at_h * 3600 < end_s)
    return max(1.0, min(scenario.seconds, end_s) + min(0.0, back_s))


def _number(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError as fault:
        raise UnknownController(f"{text!r} is no ratio") from fault
    if not 1 <= ratio <= 100:
        raise UnknownController("a ratio lies between 1 and 100")
    return ratio
