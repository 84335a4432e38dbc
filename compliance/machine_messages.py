"""May a recording be left on this person's answering machine? Pure, and closed unless a rule opens it.

A message that a machine plays is a call of the channel ``automated``: every row on such calls must be
satisfied. That is not enough: where no row speaks of recordings alone, an express consent must. A
person who may be called by an agent has not asked to hear a recording.
"""

from dataclasses import dataclass, replace
from typing import Any

from compliance import consent
from compliance.facts import Facts, Law
from compliance.judging import Judgement, judge
from compliance.rulebook.rules import AutomationTerms, Channel, ConsentTerms

#: No row and no consent allows a message there.
NO_RULE = "no_rule_allows_it"


@dataclass(frozen=True, slots=True)
class MessageLeave:
    """The answer; without leave the reasons' codes, the strongest first."""

    allowed: bool
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  #: ids of the pack rows that refused, or opened it
    consents: tuple[tuple[str, str], ...] = ()  #: (kind or row, proof) of those it rests on

    def receipt(self) -> dict[str, Any]:
        """Return what the answer rested on, as JSON, without a phone number."""
        return {
            "allowed": self.allowed,
            "reasons": list(self.reasons),
            "rules": list(self.rules),
            "consents": [{"of": of, "proof": proof} for of, proof in self.consents],
        }


def may_leave_message(facts: Facts, law: Law) -> MessageLeave:
    """Answer whether a recording may be left where ``facts`` intend a call."""
    if facts.simulated:  # nobody lives there
        return MessageLeave(True)
    asked = replace(facts, channel=Channel.AUTOMATED)
    judgement = judge(asked, law)
    if judgement.findings:
        reasons = dict.fromkeys(found.reason.value for found in judgement.findings)
        rules = dict.fromkeys(rule for found in judgement.findings for rule in found.rules)
        return MessageLeave(False, tuple(reasons), tuple(rules))
    opening = _rows_satisfied(judgement)
    express = consent.satisfying("prior_express", (), asked.consents or (), asked.at, asked.subject)
    if not opening and express is None:
        return MessageLeave(False, (NO_RULE,))
    # An express consent may satisfy the row as well: then it is told once, by the row.
    shown = tuple((rule, proof) for rule, proof in judgement.consents if rule in opening)
    if not shown and express is not None:
        shown = ((express.kind, express.proof),)
    return MessageLeave(True, rules=opening, consents=shown)


def _rows_satisfied(judgement: Judgement) -> tuple[str, ...]:
    """Return the rows on recordings alone that a consent on record has satisfied."""
    used = {rule for rule, _proof in judgement.consents}
    return tuple(
        rule.id
        for rule in judgement.rules
        if rule.id in used
        and rule.channels == {Channel.AUTOMATED}
        and isinstance(rule.terms, ConsentTerms | AutomationTerms)
    )
