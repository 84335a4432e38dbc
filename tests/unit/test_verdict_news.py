"""What becomes of verdicts, told to the controller: answers taken back, people charged."""

from datetime import timedelta
from uuid import UUID

from campaigns.amd.models import Judgement
from campaigns.amd.settings import AmdSettings
from campaigns.amd.verdicts import MachineVerdict
from campaigns.settings import CampaignSettings
from dialer.call import events as ev
from dialer.call.states import CallPolicy
from dialer.call.verdicts import AnalysisPolicy, Treatment, Verdict
from dialer.pacing.budget import BURST_S
from dialer.pacing.facts import (
    Abandoned,
    Answered,
    FoundMachine,
    FoundPerson,
    TakenForMachine,
)
from dialer.pacing.policy import PredictivePolicy
from tests.machine_events import START
from tests.unit.test_pacer import Ear, begun
from workers.dialing.pacer import Pacer
from workers.dialing.verdict_news import VerdictNews

CALL = UUID(int=1)
LISTENS = CallPolicy(record=False, analysis=AnalysisPolicy(audit_share=0.0))


def verdict(
    number: int, treatment: Treatment = Treatment.ACTED, judged: Judgement | None = None
) -> MachineVerdict:
    """A verdict "machine" as the database has it."""
    return MachineVerdict(UUID(int=number), treatment, START + timedelta(minutes=1), judged)


def news() -> tuple[Pacer, Ear, VerdictNews]:
    """A pacing that has heard a hundred people."""
    _, pacer, ear = begun(agents=1, calls=0)
    pacer.controller.budget.pass_time(START.timestamp())
    for _ in range(100):
        pacer.controller.budget.answered(START.timestamp())
    return pacer, ear, VerdictNews(pacer)


def test_an_answer_that_was_a_machines_is_taken_back_and_its_agent_is_no_abandonment() -> None:
    model, pacer, ear = begun(agents=1, calls=0)
    model.add_call(CALL, LISTENS)
    model.floor.feed_call(CALL, ev.Answered(model.clock.now()))
    model.floor.feed_call(CALL, ev.AnalysisFinished(model.clock.now(), Verdict.MACHINE, "X"))
    model.hang_up(CALL)
    assert [type(one) for one in ear.heard] == [Answered, TakenForMachine]
    assert pacer.controller.budget.counts.answered == 0
    assert pacer.controller.budget.counts.abandoned == 0
    assert pacer.machines == {CALL}
    told, budget = VerdictNews(pacer), pacer.controller.budget
    for _ in range(2):  # counted when it happened, not again when the database has it
        told.tell([MachineVerdict(CALL, Treatment.ACTED, model.clock.now(), None)])
    assert budget.saved()["tallies"][2]["answered"] == 1


def test_a_person_who_was_hung_up_is_charged_once_however_often_it_is_read() -> None:
    pacer, ear, told = news()
    rows = [verdict(1), verdict(2, judged=Judgement.PERSON)]
    told.tell(rows)
    told.tell(rows)
    (charged,) = ear.heard
    assert isinstance(charged, Abandoned)
    assert charged.false_positive
    counts = pacer.controller.budget.counts
    assert (counts.answered, counts.abandoned) == (101, 1)


def test_an_audited_person_had_an_agent_and_an_audited_machine_was_no_answer() -> None:
    pacer, ear, told = news()
    audited = Treatment.AUDITED
    told.tell([verdict(1, audited, Judgement.PERSON), verdict(2, audited, Judgement.MACHINE)])
    assert [type(one) for one in ear.heard] == [FoundPerson, FoundMachine]
    counts = pacer.controller.budget.counts
    assert (counts.answered, counts.abandoned) == (99, 0)


def test_a_person_found_by_an_audit_makes_more_of_the_others_people() -> None:
    def unseen(judged: Judgement) -> float:
        pacer, _, told = news()
        acted = [verdict(n) for n in range(2, 12)]
        told.tell([verdict(1, Treatment.AUDITED, judged), *acted])
        pacer.use(told.charged(PredictivePolicy(), CampaignSettings()))
        return pacer.controller.budget.unseen

    assert unseen(Judgement.PERSON) > unseen(Judgement.MACHINE) > 0


def test_the_fewer_are_judged_the_more_people_are_charged() -> None:
    """The same verdicts, one in ten and all of them judged to be machines'."""
    listens = CampaignSettings(amd=AmdSettings(audit_share=0.1))

    def unseen(judged: int) -> float:
        pacer, _, told = news()
        rows = [verdict(n, judged=Judgement.MACHINE if n <= judged else None) for n in range(1, 31)]
        told.tell(rows)
        pacer.use(told.charged(PredictivePolicy(), listens))
        return pacer.controller.budget.unseen

    assert unseen(30) == 0
    assert 0 < unseen(15) < unseen(3)


def test_the_policy_bears_the_share_of_audits_before_there_are_verdicts() -> None:
    _, _, told = news()
    policy = PredictivePolicy()
    assert told.charged(policy, CampaignSettings()) == policy
    listens = CampaignSettings(amd=AmdSettings(audit_share=0.25))
    assert told.charged(policy, listens).audit_share == 0.25


def test_a_corrected_judgement_is_taken_back_and_the_new_one_counts() -> None:
    pacer, _, told = news()
    budget = pacer.controller.budget
    untouched = [verdict(1), verdict(2, Treatment.AUDITED)]
    told.tell(untouched)
    before = budget.saved()["tallies"]
    told.tell(
        [verdict(1, judged=Judgement.PERSON), verdict(2, Treatment.AUDITED, Judgement.PERSON)]
    )
    assert (budget.counts.answered, budget.counts.abandoned) == (101, 1)
    machines = Judgement.MACHINE
    told.tell([verdict(1, judged=machines), verdict(2, Treatment.AUDITED, machines)])
    assert (budget.counts.answered, budget.counts.abandoned) == (99, 0)
    unsure = Judgement.CANNOT_TELL
    told.tell([verdict(1, judged=unsure), verdict(2, Treatment.AUDITED, unsure)])
    assert [(t["answered"], t["abandoned"]) for t in budget.saved()["tallies"]] == [
        (t["answered"], t["abandoned"]) for t in before
    ]


def test_what_a_judgement_counted_in_a_half_hour_that_is_over_is_not_taken_from_the_next() -> None:
    """A half hour that held fewer than nobody would let people be abandoned."""
    pacer, _, told = news()
    budget = pacer.controller.budget
    told.tell([verdict(1, judged=Judgement.PERSON)])
    budget.pass_time(START.timestamp() + BURST_S + 600)
    told.tell([verdict(1, judged=Judgement.MACHINE)])
    _, burst, *_ = budget.tallies
    assert (burst.answered, burst.abandoned) == (0, 0)
    assert (budget.counts.answered, budget.counts.abandoned) == (100, 0)
