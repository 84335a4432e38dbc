"""Who is called on a busy day, how often again, and what is asked of them."""

from dialer.simulator.behaviour import Behaviour, BehaviourKind
from dialer.simulator.population import Population, PopulationProfile, Spread
from tests.questionnaires import form_of, question

RETRY = {
    "no_answer": {"after_s": 5, "max_attempts": 3},
    "busy": {"after_s": 5, "max_attempts": 3},
    "machine": {"after_s": 1800, "max_attempts": 2},
    "congestion": {"after_s": 10, "max_attempts": 2},
    "abandoned": {"after_s": 1800, "max_attempts": 2},
    "interrupted": {"after_s": 10, "max_attempts": 3},
    "unreachable": {"after_s": 30, "max_attempts": 2},
}
_PEOPLE = PopulationProfile(
    "busy day",
    {
        BehaviourKind.ANSWER: 0.48,
        BehaviourKind.NO_ANSWER: 0.16,
        BehaviourKind.BUSY: 0.14,
        BehaviourKind.REJECT: 0.12,
        BehaviourKind.INVALID: 0.05,
        BehaviourKind.CONGESTION: 0.02,
        BehaviourKind.UNAVAILABLE: 0.02,
        BehaviourKind.EARLY_MEDIA_BUSY: 0.01,
    },
    ring=Spread(0.25, 0.4),
    talk=Spread(0.7, 0.5),
)
#: Unanswered calls end so many times faster than the campaign lets them ring.
DIAL_SPEED = 40
PATIENT_EVERY = 20
_PATIENCE_S = 60.0
#: The three versions of the form.
FORMS = (
    form_of(question("q1", screen_out_if="q1 = 'c'"), question("happy", "nps"), code="survey"),
    form_of(question("happy", "nps"), question("q2", "multiple"), code="survey"),
    form_of(
        question("happy", "nps"), question("q1"), question("q3", "number", least=1, most=9),
        code="survey",
    ),
)  # fmt: skip


class Public:
    """People of a seed, some of whom stay on the line until they were handed over."""

    def __init__(self, seed: int, patient: frozenset[str]) -> None:
        self._others = Population(_PEOPLE, seed)
        self._patient = frozenset(one.removeprefix("+") for one in patient)

    def behaviour(self, number: str, nth_call: int) -> Behaviour:
        """Return how a number takes a call."""
        if number.removeprefix("+") in self._patient:
            return Behaviour(BehaviourKind.ANSWER, 0.3, _PATIENCE_S)
        return self._others.behaviour(number, nth_call)
