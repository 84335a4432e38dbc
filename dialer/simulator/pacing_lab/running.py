"""Run a scenario with a controller: one seed, or several put together."""

from collections.abc import Callable, Sequence
from typing import Any

from dialer.simulator.pacing_lab.figures import Day, Figures, measure, series, together
from dialer.simulator.pacing_lab.scenario import Campaign, Scenario
from dialer.simulator.pacing_lab.side import Controller
from dialer.simulator.pacing_lab.world import World

#: Makes a controller for a campaign of a scenario; told yesterday's when there was a yesterday.
Maker = Callable[[Scenario, Campaign, Controller | None], Controller]

#: Seeds of days before are far from those that people choose.
_HISTORY_SEED = 1_000_003


def run_day(scenario: Scenario, maker: Maker, seed: int) -> Day:
    """Simulate one day, after the days of history that the scenario asks for.

    Args:
        scenario: what happens.
        maker: makes the controllers.
        seed: 0 or more; the same one gives the same day.
    """
    controllers: list[Controller | None] = [None] * len(scenario.campaigns)
    for day in range(scenario.history_days, -1, -1):
        made = [
            maker(scenario, campaign, former)
            for campaign, former in zip(scenario.campaigns, controllers, strict=True)
        ]
        world = World(scenario, made, seed + day * _HISTORY_SEED)
        world.run()
        controllers = [*made]
    sides = {side.campaign.name: side for side in world.sides}
    return Day(
        seed=seed,
        total=measure([side.ledger for side in world.sides]),
        campaigns={name: measure([side.ledger]) for name, side in sides.items()},
        series={name: series(side.ledger) for name, side in sides.items()},
    )


def run(scenario: Scenario, make_controller: Callable[[], Controller], seed: int) -> Figures:
    """Simulate one day of one campaign with a controller that knows nothing of yesterday."""
    return run_day(scenario, lambda _scenario, _campaign, _former: make_controller(), seed).total


def run_seeds(scenario: Scenario, maker: Maker, seeds: Sequence[int]) -> dict[str, Any]:
    """Simulate a day for each seed and return them and their sum, as plain values."""
    days = [run_day(scenario, maker, seed) for seed in seeds]
    return report(days)


def report(days: Sequence[Day]) -> dict[str, Any]:
    """Return some days and their sum, as plain values."""
    return {
        "overall": {
            **together([day.total for day in days]),
            "campaigns": {
                name: together([day.campaigns[name] for day in days]) for name in days[0].campaigns
            },
        },
        "seeds": [day.as_json() for day in days],
    }
