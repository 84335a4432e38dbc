"""The words of questionnaires: kinds of questions, ways not to answer, reasons and findings."""

from enum import StrEnum


class NoAnswer(StrEnum):
    """What stands in the place of a value; the first two are answers like any other."""

    DONT_KNOW = "dont_know"  #: the person does not know
    REFUSED = "refused"  #: the person does not want to say
    BLANK = "blank"  #: passed over; only where the question is not required


class Ending(StrEnum):
    """How an interview ended."""

    COMPLETE = "complete"  #: nothing is left to ask
    SCREENED_OUT = "screened_out"  #: an answer showed that the person is not among those asked for
    QUOTA_FULL = "quota_full"  #: enough people who answered so were interviewed


class RefreshState(StrEnum):
    """What became of a field of the client's record."""

    CONFIRMED = "confirmed"  #: it is right as it stands
    CORRECTED = "corrected"  #: the person gave another value
    REFUSED = "refused"  #: the person does not want to say
    NOT_ASKED = "not_asked"  #: the talk did not come to it, or it was passed over


class AnswerRefusal(StrEnum):
    """Why an answer is not taken."""

    NOT_ASKED = "not_asked"
    NO_SUCH_QUESTION = "no_such_question"
    REQUIRED = "required"
    NO_ANSWER_NOT_ALLOWED = "no_answer_not_allowed"
    WRONG_SHAPE = "wrong_shape"
    UNKNOWN_OPTION = "unknown_option"
    DOUBLE_OPTION = "double_option"
    EXCLUSIVE_OPTION = "exclusive_option"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    OTHER_NEEDS_TEXT = "other_needs_text"
    OTHER_NOT_ALLOWED = "other_not_allowed"
    UNKNOWN_ROW = "unknown_row"
    ROW_MISSING = "row_missing"
    NOT_A_NUMBER = "not_a_number"
    TOO_MANY_DECIMALS = "too_many_decimals"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    WRONG_PATTERN = "wrong_pattern"
    NOT_A_PHONE = "not_a_phone"
    NOT_AN_EMAIL = "not_an_email"
    UNKNOWN_PART = "unknown_part"
    PART_MISSING = "part_missing"
    RULE_BROKEN = "rule_broken"  #: the question's own ``valid_if``


class FindingCode(StrEnum):
    """What is wrong with a form; all but the last bar it from being published."""

    EMPTY = "empty"
    DUPLICATE_CODE = "duplicate_code"
    RESERVED_CODE = "reserved_code"
    DUPLICATE_OPTION = "duplicate_option"
    BAD_EXPRESSION = "bad_expression"
    BAD_TEMPLATE = "bad_template"
    UNKNOWN_REFERENCE = "unknown_reference"
    UNKNOWN_FIELD = "unknown_field"
    FORWARD_REFERENCE = "forward_reference"
    ROTATED_REFERENCE = "rotated_reference"
    LOOP = "loop"
    TYPE_MISMATCH = "type_mismatch"
    UNKNOWN_OPTION = "unknown_option"
    BAD_SKIP = "bad_skip"
    BAD_ROTATION = "bad_rotation"
    BAD_LIMITS = "bad_limits"
    CONTRADICTION = "contradiction"
    UNREACHABLE = "unreachable"
    NEVER_FIRES = "never_fires"
    NO_VALID_ANSWER = "no_valid_answer"
    MISSING_TRANSLATION = "missing_translation"
    UNDECIDED = "undecided"  #: nobody can say; a warning


class ChangeKind(StrEnum):
    """What became of a question from one version to the next."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    TYPE = "type"
    WORDING = "wording"
    OPTION_ADDED = "option_added"
    OPTION_REMOVED = "option_removed"
    OPTION_WORDING = "option_wording"
    LOGIC = "logic"
    LIMITS = "limits"
    SETTINGS = "settings"
