"""The dialing worker of the bench of 300 agents: production's worker, timing its pacing.

Each decision is timed with all that the worker does for it (gathering the facts, too), and the calls
in flight and the busy agents are noted.
"""

import argparse
import json
from pathlib import Path
from time import perf_counter_ns, thread_time_ns
from typing import Any

import uvloop

from dialer import logs
from dialer import settings as dialer_settings
from dialer.pacing.facts import Decision, PacingFacts
from dialer.pacing.predictive import Predictive
from workers.dialing.pacer import Pacer
from workers.main import run_dialing

#: Of each decision: nanoseconds of processor time in the controller, and with the gathering of the
#: facts; of wall time; its instant, calls that ring, agents ready and at work.
told: list[tuple[int, int, int, float, int, int, int]] = []


def time_decisions() -> None:
    """Note every decision of this process."""
    decide, inner = Pacer.decide, Predictive.decide
    inner_ns = 0

    def controller(self: Predictive, facts: PacingFacts) -> Decision:
        nonlocal inner_ns
        began_ns = thread_time_ns()
        decision = inner(self, facts)
        inner_ns = thread_time_ns() - began_ns
        return decision

    def timed(self: Pacer, *given: Any, **named: Any) -> Decision:
        wall_ns, cpu_ns = perf_counter_ns(), thread_time_ns()
        decision = decide(self, *given, **named)
        cpu_ns, wall_ns = thread_time_ns() - cpu_ns, perf_counter_ns() - wall_ns
        assert self.last is not None
        facts = self.last[0]
        now = (facts.at_s, len(facts.ringing), facts.ready, facts.agents)
        told.append((inner_ns, cpu_ns, wall_ns, *now))
        return decision

    Predictive.decide = controller  # type: ignore[method-assign]
    Pacer.decide = timed  # type: ignore[method-assign]


def main() -> None:
    """Run until SIGTERM, then write what was noted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--told", type=Path, required=True)
    given = parser.parse_args()
    settings = dialer_settings.load()
    logs.configure(json=settings.log_json, level=settings.log_level)
    time_decisions()
    uvloop.run(run_dialing(settings))
    given.told.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
