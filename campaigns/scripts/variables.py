"""What is put into a text for one call: ``{{ contact.first_name or "you" }}``. Pure; values are data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: A slot of the author's; a value that is put in is never looked at with it.
SLOT = re.compile(
    r"\{\{[ \t]*(contact|agent|campaign)\.(\w{1,60})(?:[ \t]+or[ \t]+\"([^\"{}\n]{0,200})\")?[ \t]*\}\}"
)

#: What is known of every call; a contact's fields hang on the client's lists.
ALWAYS_KNOWN = frozenset({"agent.name", "campaign.name"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A place that a value is put into."""

    source: str  #: contact, agent or campaign
    name: str
    fallback: str = ""  #: said when there is no value

    @property
    def path(self) -> str:
        """Return its name as authors write it."""
        return f"{self.source}.{self.name}"

    @property
    def shown(self) -> str:
        """Return what stands there without a value: nobody reads out an empty place unaware."""
        named = self.name if self.source == "contact" else f"{self.source} {self.name}"
        return self.fallback or f"[{named.replace('_', ' ')}]"


@dataclass(frozen=True, slots=True)
class Values:
    """What is known in one call."""

    contact: Mapping[str, str] = field(default_factory=dict)
    agent_name: str = ""
    campaign_name: str = ""

    def of(self, variable: Variable) -> str:
        """Return a variable's value; empty when nothing is known."""
        if variable.source == "contact":
            return self.contact.get(variable.name, "")
        always = {"agent.name": self.agent_name, "campaign.name": self.campaign_name}
        return always.get(variable.path, "")


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the place of a variable."""

    words: str
    is_missing: bool = False


Fill = Callable[[Variable], Filled]


def variable_at(text: str, position: int) -> tuple[Variable, int] | None:
    """Return the variable that begins at a position, and where it ends."""
    found = SLOT.match(text, position)
    if found is None:
        return None
    source, name, fallback = found.groups()
    return Variable(source, name, fallback or ""), found.end()


def filling(values: Values, missing: set[str]) -> Fill:
    """Return how variables are filled; ``missing`` collects the paths without a value."""

    def fill(variable: Variable) -> Filled:
        words = values.of(variable)
        if words:
            return Filled(words)
        missing.add(variable.path)
        return Filled(variable.shown, is_missing=True)

    return fill


def named(variable: Variable) -> Filled:
    """Fill with the variable's own name: for previews, where there is no call."""
    return Filled(variable.shown, is_missing=variable.source == "contact" and not variable.fallback)


def filled_line(text: str, fill: Fill) -> str:
    """Return a line of plain text, such as a title, with its variables filled."""
    said: list[str] = []
    at = 0
    for found in SLOT.finditer(text):
        source, name, fallback = found.groups()
        said += (text[at : found.start()], fill(Variable(source, name, fallback or "")).words)
        at = found.end()
    return "".join((*said, text[at:]))


def line_variables(text: str) -> tuple[Variable, ...]:
    """Return the variables of a line of plain text."""
    return tuple(
        Variable(source, name, fallback or "") for source, name, fallback in SLOT.findall(text)
    )


def has_stray_braces(text: str) -> bool:
    """Tell whether a text has double braces that are no variable."""
    rest = SLOT.sub("", text)
    return "{{" in rest or "}}" in rest
