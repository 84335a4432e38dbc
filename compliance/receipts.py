"""The receipt of a decision: what it rested on, as JSON, kept with the attempt or the refusal. Pure."""

from typing import Any

from compliance.facts import Facts, Law
from compliance.judging import Judgement
from compliance.rules import DncTerms


def receipt(facts: Facts, law: Law, judgement: Judgement) -> dict[str, Any]:
    """Return everything that was decided upon, without the phone number."""
    place = judgement.placement
    lists = {
        rule.terms.list_code for rule in judgement.rules if isinstance(rule.terms, DncTerms)
    } | set(facts.own_dnc)
    return {
        "decided_at": facts.at.isoformat(),
        "packs": law.book.digest,
        "tzdata": law.tzdata,
        "purpose": facts.purpose.value if facts.purpose else None,
        "channel": facts.channel.value,
        "party": facts.party.value,
        "zones": list(place.zones) if place else [],
        "jurisdictions": list(place.jurisdictions) if place else [],
        "place_source": place.source.value if place else None,
        "place_confidence": place.confidence.value if place else None,
        "rules": [rule.id for rule in judgement.rules],
        "exempted": sorted(facts.exempted),
        "caps": [
            {"rule": c.rule_id, "used": c.used, "of": c.count, "period": c.period}
            for c in judgement.counters
        ],
        "dnc": {
            code: [fact.version for fact in held]
            for code, held in (facts.dnc or {}).items()
            if code in lists
        },
        "consents": [{"rule": rule, "proof": proof} for rule, proof in judgement.consents],
        "reserved_agent": facts.reserved_agent,
        "attempts_made": facts.attempts_made,
        "simulated": facts.simulated,
        "refused": [
            {"reason": finding.reason.value, "rules": list(finding.rules)}
            for finding in judgement.findings
        ],
    }
