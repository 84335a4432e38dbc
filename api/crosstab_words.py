"""Words of cross-tables: what counts, why there is no value, refusals."""

from api.labels import mark
from api.templating import translate
from campaigns.crosstabs.respondents import Missing
from campaigns.crosstabs.weighting import WeightingReason
from campaigns.crosstabs.wording import TableWords

MISSING = {
    Missing.DONT_KNOW: mark("Don't know"),
    Missing.REFUSED: mark("No answer"),
    Missing.BLANK: mark("Passed over"),
    Missing.NOT_ASKED: mark("Not asked"),
}

#: Why nothing can be weighted so, and what would mend it.
REASONS = {
    WeightingReason.CELL_EMPTY: mark(
        "Nobody is in this cell, so there is nobody to give its weight to: join it with a"
        " neighbour."
    ),
    WeightingReason.NO_TARGET: mark(
        "There are respondents in this cell, and no target speaks of it: add one above zero."
    ),
    WeightingReason.NO_AGREEMENT: mark(
        "The margins cannot hold together in this sample: take one out, or join cells."
    ),
    WeightingReason.SEVERAL_ANSWERS: mark(
        "A question with several answers cannot be a target: one person would be in several cells."
    ),
    WeightingReason.NOBODY: mark("Nobody has completed the form so."),
}

VERSION = mark("Form version")
COLUMN = mark("Column")
WEIGHTS_BETWEEN = mark("Weights between")

#: Lines of a cell, in the order in which files have them.
LINES = {
    "count": mark("Respondents"),
    "weighted": mark("Weighted"),
    "of_column": mark("Share of the column"),
    "low": mark("Interval from (95 per cent)"),
    "high": mark("Interval to (95 per cent)"),
    "of_row": mark("Share of the row"),
    "of_total": mark("Share of all"),
    "higher_than": mark("Higher than columns"),
}

BASES = {
    "count": mark("Base"),
    "weighted": mark("Weighted base"),
    "effective": mark("Effective base"),
}

AT_LIMIT = mark("Respondents at a limit")
FURTHEST = mark("Furthest from a target")
DESIGN_EFFECT = mark("Design effect (Kish)")
TOTAL = mark("Total")
NOBODY = mark(
    "Nobody who completed the form so has answered both. Choose other questions, dates or campaigns."
)

#: What a reader must know of the figures.
NOTES = (
    mark(
        "Below a share of the column: its interval, respondents, then the shares of the row"
        " and of all."
    ),
    mark("Completed interviews of all versions of the form; questions are matched by their code."),
    mark(
        "Shares are of respondents who answered both questions; of several answers they may"
        " add up to more than all."
    ),
    mark(
        "Intervals: Wilson's score interval at 95 per cent, with the effective base (Kish)"
        " when weighted."
    ),
    mark(
        "A letter names a column whose share is lower with 95 per cent confidence (two-sided"
        " z-test, bases of 30 and"
        " more, no correction for many comparisons)."
    ),
)

#: Refusals whose words are written where they are made.
REFUSALS = (
    mark("There is no such question or column."),
    mark("This has too many different values for a table."),
    mark("Write targets as sex: m=48, f=52, one line for each margin; shares add up to 100."),
    mark("The least weight lies between 0 and 1, the largest between 1 and 100."),
    mark("The sample cannot be weighted to these targets."),
)


def table_words(language: str) -> TableWords:
    """Return every word that a printed cross-table needs, in a language."""

    def say(message: str) -> str:
        return translate(language, message)

    return TableWords(
        total=say(TOTAL),
        column=say(COLUMN),
        version=say(VERSION),
        nobody=say(NOBODY),
        lines={name: say(words) for name, words in LINES.items()},
        bases={name: say(words) for name, words in BASES.items()},
        missing={why: say(words) for why, words in MISSING.items()},
        notes=tuple(say(one) for one in NOTES),
        design_effect=say(DESIGN_EFFECT),
        weights_between=say(WEIGHTS_BETWEEN),
        at_limit=say(AT_LIMIT),
        furthest=say(FURTHEST),
    )
