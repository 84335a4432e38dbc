"""Words of the builder: kinds of questions, signs, changes, steps, what is wrong with a field."""

from api.labels import mark
from campaigns.forms.editing.conditions import Sign
from campaigns.forms.questions import Correction
from campaigns.forms.words import ChangeKind, Ending, NoAnswer

#: The palette: kinds of questions in groups, each with what it is for.
PALETTE = (
    (
        mark("Choice"),
        (
            ("single", mark("One of several"), mark("Yes or no, a city, a brand")),
            ("multiple", mark("Several of many"), mark("Everything that applies")),
            ("matrix", mark("Table"), mark("The same options for several rows")),
            ("ranking", mark("Ranking"), mark("Options put in order, the best first")),
        ),
    ),
    (
        mark("Grades"),
        (
            ("scale", mark("Scale"), mark("A grade from 1 to 5, or between other ends")),
            ("nps", mark("Recommendation, 0 to 10"), mark("The Net Promoter Score")),
        ),
    ),
    (
        mark("Values"),
        (
            ("text", mark("Words"), mark("A line or several")),
            ("number", mark("Number"), mark("In a range, with a unit")),
            ("money", mark("Money"), mark("An amount in one currency")),
            ("date", mark("Date"), mark("A day")),
            ("phone", mark("Telephone number"), mark("Checked, kept with its country code")),
            ("email", mark("E-mail address"), mark("Checked for its form")),
            ("address", mark("Postal address"), mark("In parts: city, street, house")),
        ),
    ),
    (
        mark("Without an answer"),
        (
            ("note", mark("Words to read aloud"), mark("A greeting, a thank-you")),
            ("prompt", mark("Picture or recording"), mark("Shown or played")),
            ("calculated", mark("Calculated"), mark("Worked out of answers, never asked")),
        ),
    ),
)
KINDS = {code: name for _, kinds in PALETTE for code, name, _ in kinds}

#: What a new value of a column of the client's must be.
CORRECTIONS = {
    Correction.TEXT: mark("words"),
    Correction.PHONE: mark("a telephone number"),
    Correction.EMAIL: mark("an e-mail address"),
    Correction.DATE: mark("a date"),
    Correction.NUMBER: mark("a number"),
}

SIGNS = {
    Sign.EQUAL: mark("is"),
    Sign.UNEQUAL: mark("is not"),
    Sign.LESS: mark("is less than"),
    Sign.AT_MOST: mark("is at most"),
    Sign.MORE: mark("is more than"),
    Sign.AT_LEAST: mark("is at least"),
    Sign.HAS: mark("includes"),
    Sign.HAS_NOT: mark("does not include"),
    Sign.ANSWERED: mark("has an answer"),
    Sign.NOT_ANSWERED: mark("has no answer"),
    Sign.DONT_KNOW: mark("is “don't know”"),
    Sign.REFUSED: mark("is refused"),
}

NO_ANSWERS = {
    NoAnswer.DONT_KNOW: mark("Does not know"),
    NoAnswer.REFUSED: mark("Does not want to say"),
    NoAnswer.BLANK: mark("Passed over"),
}

ENDINGS = {
    Ending.COMPLETE: mark("Complete: nothing is left to ask"),
    Ending.SCREENED_OUT: mark("Screened out: not among those asked for"),
    Ending.QUOTA_FULL: mark("Ended: the quota is full"),
}

CHANGES = {
    ChangeKind.ADDED: mark("new question"),
    ChangeKind.REMOVED: mark("question taken out"),
    ChangeKind.MOVED: mark("moved"),
    ChangeKind.TYPE: mark("another kind of question"),
    ChangeKind.WORDING: mark("other words"),
    ChangeKind.OPTION_ADDED: mark("new option"),
    ChangeKind.OPTION_REMOVED: mark("option taken out"),
    ChangeKind.OPTION_WORDING: mark("other words of an option"),
    ChangeKind.LOGIC: mark("other logic"),
    ChangeKind.LIMITS: mark("other limits or options"),
    ChangeKind.SETTINGS: mark("settings"),
}

#: Parts of a question, as findings and changes name them.
PARTS = {
    "text": mark("Question"),
    "hint": mark("Hint for the operator"),
    "title": mark("Title"),
    "unit": mark("Unit"),
    "options": mark("Options"),
    "rows": mark("Rows"),
    "parts": mark("Parts of the address"),
    "show_if": mark("Shown only if"),
    "valid_if": mark("Rule for the answer"),
    "valid_message": mark("What is said when the rule is broken"),
    "screen_out_if": mark("Ends the interview if"),
    "skips": mark("Jumps"),
    "default": mark("Filled in beforehand"),
    "expression": mark("Expression"),
    "required": mark("An answer is needed"),
    "first_text": mark("Words for the first point"),
    "last_text": mark("Words for the last point"),
    "languages": mark("Languages"),
    "region": mark("Country"),
    "contact_fields": mark("Contact's fields"),
}

#: What a step did, for the button that undoes it. The codes are those of the audit log.
STEPS = {
    "form.question_added": mark("Question added"),
    "form.question_changed": mark("Question changed"),
    "form.question_moved": mark("Question moved"),
    "form.question_copied": mark("Question copied"),
    "form.question_deleted": mark("Question deleted"),
    "form.section_added": mark("Section added"),
    "form.section_changed": mark("Section changed"),
    "form.section_moved": mark("Section moved"),
    "form.section_deleted": mark("Section deleted"),
    "form.settings_changed": mark("Settings of the form changed"),
    "form.imported": mark("Form imported from a file"),
}

#: What is wrong with a field. Codes are pydantic's. Source: pydantic documentation, "Validation errors".
PROBLEMS = {
    "bad_value": mark("“%(value)s” does not fit this question: its answers are numbers or dates."),
    "string_pattern_mismatch": mark("Letters, digits and _ are wanted, a letter first."),
    "string_too_long": mark("This is too long."),
    "int_parsing": mark("A whole number is wanted."),
    "int_from_float": mark("A whole number is wanted."),
    "decimal_parsing": mark("A number is wanted."),
    "date_from_datetime_parsing": mark("A date is wanted."),
    "greater_than_equal": mark("At least %(ge)s."),
    "less_than_equal": mark("At most %(le)s."),
    "too_short": mark("One at least is wanted."),
    "too_long": mark("These are too many."),
}
PROBLEM = mark("This cannot be used here.")

#: Above the list, when a new form's code cannot be one.
BAD_CODE = mark("A code begins with a Latin letter: letters, digits, _ and - follow.")

#: Above the page of publishing.
CHANGED_SINCE = mark("The draft was changed since you looked at it: look again, then publish.")

#: Above a form of which nothing was saved.
NOT_SAVED = mark("This is not saved yet: mend what is marked.")

#: A question's own answer, in its rule.
OWN_ANSWER = mark("the answer")

#: Refusals of steps, from ``campaigns.forms``.
REFUSALS = (
    mark("This question is not there any more: somebody deleted or renamed it."),
    mark("This section is not there any more: somebody deleted or renamed it."),
    mark("This is the only section: a form has one at least."),
    mark("Another question or section has this code already."),
    mark("There is a form with this code already."),
    mark("The form has as many questions as a form can have."),
    mark("Somebody else changed this in the meantime: your change is not saved yet."),
    mark("This is not the latest change any more: undo the later ones first."),
    mark("There is no such form or version."),
    mark("The form cannot be published."),
    mark("The form has no draft: what there is was published already."),
    mark("This file cannot be read as a form."),
    mark("A form's file may have 10 MB."),
    mark("There is no such picture or recording."),
    mark(
        "This is no picture or recording that browsers show: PNG, JPEG, WebP, GIF, MP3, WAV, Ogg."
    ),
    mark(
        "Name the file with Latin letters, digits, dots, hyphens and underscores, its kind at the end."
    ),
    mark("A picture or recording may have 5 MB."),
    mark("There are 500 files already: remove some that no question uses."),
    mark("A question uses this file: take it out of the form first."),
    mark("There is no such kind of question."),
    mark("XLSForm has no words for this form's logic. Export it as YAML."),
)
