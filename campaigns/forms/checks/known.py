"""What a form says about itself, read once: where questions stand, what decides about them."""

from dataclasses import dataclass, field

from campaigns.forms.answering.compiled import parsed
from campaigns.forms.checks.findings import Usage, usages
from campaigns.forms.checks.mentions import Mentions, mentions
from campaigns.forms.expressions.nodes import Call, Node, Reference, references, walk
from campaigns.forms.form import Form, Section
from campaigns.forms.questions import Question


@dataclass(slots=True)
class Known:
    """The expressions of a form, and what they look at."""

    form: Form
    order: list[tuple[Section, Question]] = field(init=False)
    place: dict[str, int] = field(init=False)
    used: dict[str, list[Usage]] = field(init=False)
    by_section: dict[str, frozenset[Reference]] = field(init=False)
    mentioned: dict[tuple[str, bool], list[Node]] = field(init=False)
    guarded: dict[str, frozenset[Reference]] = field(init=False)
    dated: set[str] = field(init=False)  #: questions that hang on the day of the interview

    def __post_init__(self) -> None:
        self.order = [(section, q) for section in self.form.sections for q in section.questions]
        self.place = {question.code: at for at, (_, question) in enumerate(self.order)}
        self.used, self.by_section, self.mentioned, self.dated = {}, {}, {}, set()
        self.guarded = {}
        for usage in usages(self.form):
            self._read(usage)

    def _read(self, usage: Usage) -> None:
        node = usage.node()
        found = references(node)
        owners = [usage.question] if usage.question else list(usage.section.questions)
        if any(isinstance(one, Call) and one.function == "today" for one in walk(node)):
            self.dated |= {owner.code for owner in owners}
        if usage.question is None:
            self.by_section[usage.section.code] = found
        else:
            self.used.setdefault(usage.question.code, []).append(usage)
            if usage.sees_itself:
                known = self.guarded.get(usage.question.code, frozenset())
                self.guarded[usage.question.code] = known | found
        for one in found:
            own = usage.question is not None and one.name == "value"
            name = usage.question.code if own and usage.question else one.name
            self.mentioned.setdefault((name, one.contact), []).append(node)

    def conditions(self, code: str) -> frozenset[Reference]:
        """Return what decides whether a question is shown, by itself."""
        section, question = self.order[self.place[code]]
        found = self.by_section.get(section.code, frozenset())
        return found | references(parsed(question.show_if)) if question.show_if else found

    def deciding(self, code: str) -> frozenset[Reference]:
        """Return what decides about a question: whether it is shown, what it may be, what it is worth."""
        found = self.conditions(code)
        for usage in self.used.get(code, ()):
            if usage.rule or not usage.is_condition:
                found |= references(usage.node())
        return frozenset(one for one in found if one.name != "value")

    def guards(self, code: str) -> frozenset[Reference]:
        """Return what decides whether the interview goes on to the next question after this one."""
        return self.guarded.get(code, frozenset())

    def said_of(self, name: str, *, contact: bool) -> Mentions:
        """Return what a question or a field is compared with anywhere; its own rule says ``value``."""
        nodes = self.mentioned.get((name, contact), [])
        said = mentions(name, contact, nodes)
        own = [usage.node() for usage in self.used.get(name, ()) if usage.rule and not contact]
        more = mentions("value", False, own)
        return Mentions(
            said.values + more.values, said.parts | more.parts, said.simple and more.simple
        )
