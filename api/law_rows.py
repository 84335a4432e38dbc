"""The rows of the rule book as the page shows them: filtered, in words, with their places' names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from api.languages import locale_of, translations_of
from api.rule_words import RuleWords
from campaigns.law.wording import applies_to
from compliance.rulebook.packs import RuleBook
from compliance.rulebook.rules import Purpose, Rule, RuleKind


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rows are shown; empty = all."""

    country: str = ""  #: a jurisdiction, with its parts
    purpose: Purpose | None = None
    kind: RuleKind | None = None
    rule: str = ""  #: one row by its id

    @classmethod
    def of(cls, *, country: str, purpose: str, kind: str, rule: str) -> Self:
        """Return the filter of a form; what is unknown filters nothing."""
        return cls(
            country.strip().upper(),
            Purpose(purpose) if purpose in set(Purpose) else None,
            RuleKind(kind) if kind in set(RuleKind) else None,
            rule.strip(),
        )

    def lets(self, row: Rule) -> bool:
        """Tell whether the row is shown."""
        return (
            (not self.rule or row.id == self.rule)
            and (not self.country or applies_to(row, self.country))
            and (self.purpose is None or self.purpose in row.purposes)
            and (self.kind is None or row.kind is self.kind)
        )


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row, ready to be shown."""

    rule: Rule
    what: str
    place: str
    in_force: bool  #: today, somewhere
    exempt: bool  #: two persons took it off for this client


def rule_rows(
    book: RuleBook, chosen: RuleFilter, language: str, today: date, exempt: Collection[str]
) -> Sequence[RuleRow]:
    """Return the rows that ``chosen`` lets through, by place and kind."""
    say = RuleWords(translations_of(language).gettext, locale_of(language)).say
    rows = [
        RuleRow(
            rule,
            say(rule),
            place_name(rule.jurisdiction, language),
            _in_force(rule, today),
            rule.id in exempt,
        )
        for rule in book.rules
        if chosen.lets(rule)
    ]
    return sorted(rows, key=lambda row: (row.place, row.rule.jurisdiction, row.rule.kind))


def place_name(jurisdiction: str, language: str) -> str:
    """Return a jurisdiction for people: the country's name, and the part's code."""
    _ = translations_of(language).gettext
    if jurisdiction == "*":
        return _("Everywhere")
    country, part = jurisdiction[:2], jurisdiction[3:]
    name = str(locale_of(language).territories.get(country, country))
    return f"{name} · {part}" if part else name


def countries_of(book: RuleBook, language: str) -> Sequence[tuple[str, str]]:
    """Return the places that have rules, with their names, in the order of the names."""
    places = book.jurisdictions() | {code[:2] for code in book.jurisdictions() if code != "*"}
    named = [(code, place_name(code, language)) for code in places]
    return sorted(named, key=lambda pair: pair[1])


def _in_force(rule: Rule, today: date) -> bool:
    begun = rule.effective_from is None or rule.effective_from <= today
    over = rule.effective_to is not None and rule.effective_to <= today
    return begun and not over and not rule.is_bill
