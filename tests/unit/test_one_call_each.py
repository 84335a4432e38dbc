"""Whom a batch of claimed leads may call: one call to a person, to a number and to an agent."""

from uuid import UUID

from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import one_call_each, with_their_agents


def _lead(n: int, agent: str | None) -> Candidate:
    return Candidate(
        UUID(int=n), UUID(int=n), 0, 0, f"+7{n}", 1, 2, f"p{n}", agent, suppressed=False
    )


def test_a_personal_call_needs_its_agent_and_an_agent_has_one() -> None:
    batch = [_lead(1, "ann"), _lead(2, None), _lead(3, "ann"), _lead(4, "bob"), _lead(5, "cid")]
    fit, without = with_their_agents(batch, ("ann", "bob"))
    assert [one.lead_id.int for one in fit] == [1, 2, 4]
    assert [lead.int for lead in without] == [3, 5]


def test_nobody_is_called_twice_in_one_batch_and_nobody_on_the_line() -> None:
    batch = [_lead(n, None) for n in (1, 1, 2, 3)]
    assert one_call_each(batch, {"p3"}) == [batch[0], batch[2]]
