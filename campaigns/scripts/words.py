"""The words of scripts and of the knowledge base: kinds of articles, what can be wrong with a script."""

from enum import StrEnum


class ArticleKind(StrEnum):
    """What an article is for."""

    OBJECTION = "objection"  #: what a person says against it, and the answer
    ARTICLE = "article"  #: anything else an operator may have to look up


class ScriptFinding(StrEnum):
    """What is wrong with a script; those in ``WARNINGS`` do not bar it from being published."""

    NO_STEPS = "no_steps"
    EMPTY_STEP = "empty_step"
    MISSING_TARGET = "missing_target"
    DEAD_END = "dead_end"
    NO_WAY_OUT = "no_way_out"
    NEVER_REACHED = "never_reached"
    DOUBLE_ANSWER = "double_answer"
    BAD_VARIABLE = "bad_variable"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_LANGUAGE = "missing_language"


#: Said to the manager, and nothing more: operators see all steps, and a field may come with the next list.
WARNINGS = frozenset({ScriptFinding.NEVER_REACHED, ScriptFinding.UNKNOWN_FIELD})
