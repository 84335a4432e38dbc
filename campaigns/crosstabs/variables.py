"""What a table can be of: questions of all versions of a form, by code, and contacts' columns. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from campaigns.crosstabs.respondents import Category, Variable
from campaigns.forms.form import Form
from campaigns.forms.questions import (
    Calculated,
    DateQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    Question,
    Ranking,
    Scale,
    Single,
    range_of,
)
from campaigns.forms.texts import Text
from campaigns.forms.versions import merged_columns
from dialer.errors import Invalid, NotFound

#: Rows or columns of a table that anybody reads.
MOST_CATEGORIES = 60
CONTACT = "contact:"
VERSION = "form_version"
_OPEN = (NumberQuestion, Money, DateQuestion, Calculated)


class VariableUnknown(NotFound):
    """The form has no such question, and contacts no such column."""

    code = "variable_unknown"
    message = "There is no such question or column."


class TooManyCategories(Invalid):
    """The answers differ too much to be a table."""

    code = "too_many_categories"
    message = "This has too many different values for a table."


@dataclass(frozen=True, slots=True)
class Source:
    """Where the answers of a variable are, and what they can be."""

    variable: Variable
    code: str = ""  #: of the question; "": none
    part: str = ""  #: row of a matrix; "0": the first of a ranking
    versions: tuple[int, ...] = ()  #: in which the question is of this kind
    field: str = ""  #: of contacts; "": none
    is_open: bool = False  #: the categories are those that were said


def sources_of(
    versions: Mapping[int, Form], fields: Iterable[str], language: str
) -> dict[str, Source]:
    """Return every variable by key, in the order of the newest version.

    A question of several versions is one variable with the options of all; where a code changed its kind
    the older answers are another one (``q1__v2``).
    """
    found: dict[str, Source] = {}
    for column in merged_columns(versions):
        said = [versions[number].by_code[column.code] for number in reversed(column.versions)]
        for source in _of_question(said, column.name, language):
            found[source.variable.key] = Source(
                source.variable, column.code, source.part, column.versions, "", source.is_open
            )
    for name in fields:
        key = f"{CONTACT}{name}"
        found[key] = Source(Variable(key, name, ()), field=name, is_open=True)
    numbers = [Category(str(number), str(number)) for number in sorted(versions)]
    found[VERSION] = Source(Variable(VERSION, "", numbers))
    return found


def _of_question(said: Sequence[Question], name: str, language: str) -> Iterator[Source]:
    newest = said[0]
    label = _words(newest.text, language) or name
    if isinstance(newest, Single | Multiple):
        options = _options(said, language)
        yield Source(Variable(name, label, options, isinstance(newest, Multiple)))
    elif isinstance(newest, Ranking):
        yield Source(Variable(f"{name}.1", f"{label}: 1", _options(said, language)), part="0")
    elif isinstance(newest, Matrix):
        rows = {
            row.code: row for one in reversed(said) if isinstance(one, Matrix) for row in one.rows
        }
        for row in rows.values():
            shown = f"{label}: {_words(row.text, language) or row.code}"
            variable = Variable(f"{name}.{row.code}", shown, _options(said, language))
            yield Source(variable, part=row.code)
    elif isinstance(newest, Scale | Nps):
        ends = [range_of(one) for one in said if isinstance(one, Scale | Nps)]
        points = range(min(first for first, _ in ends), max(last for _, last in ends) + 1)
        yield Source(Variable(name, label, [Category(str(one), str(one)) for one in points]))
    elif isinstance(newest, _OPEN):
        yield Source(Variable(name, label, ()), is_open=True)


def _options(said: Sequence[Question], language: str) -> list[Category]:
    """Return the options of all versions; words and order are those of the newest that has them."""
    found: dict[str, Category] = {}
    for one in said:
        if isinstance(one, Single | Multiple | Ranking | Matrix):
            for option in one.options:
                words = _words(option.text, language) or option.code
                found.setdefault(option.code, Category(option.code, words))
    return list(found.values())


def _words(text: Text, language: str) -> str:
    return " ".join(text.within(language).split())


def with_values(variable: Variable, values: Iterable[str]) -> Variable:
    """Return a variable that also has the categories that were said and that it did not know.

    Raises:
        TooManyCategories: there are more than a table can show.
    """
    known = {one.code for one in variable.categories}
    more = sorted(set(values) - known, key=_order)
    if len(known) + len(more) > MOST_CATEGORIES:
        raise TooManyCategories(variable=variable.key, most=MOST_CATEGORIES)
    every = [*variable.categories, *(Category(one, one) for one in more)]
    return Variable(variable.key, variable.label, every, variable.is_multiple)


def _order(value: str) -> tuple[int, Decimal, str]:
    """Order numbers as numbers, before words."""
    try:
        return 0, Decimal(value), value
    except InvalidOperation:
        return 1, Decimal(0), value
