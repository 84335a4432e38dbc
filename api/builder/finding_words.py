"""What the checks of a form say, in the reader's language.

The checks speak English sentences with codes in them. Each sentence is a message here; a sentence is matched
with its message, and the message is said in another language with the same codes in it.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from api.labels import mark

_SLOT = re.compile(r"%\((\w+)\)s")

MESSAGES = (
    mark("The form asks nothing."),
    mark("A refreshed field has the option confirmed, and corrected with words if it may change."),
    mark("Add a question."),
    mark("The code %(code)s is there %(times)s times (capitals do not count)."),
    mark("Give each section and each question a code of its own."),
    mark("%(code)s is a word of the language of conditions."),
    mark("Choose another code."),
    mark("%(code)s is there %(times)s times."),
    mark("Give each a code of its own."),
    mark("More than one option asks for words, and an answer has room for one text."),
    mark("Leave `other` on one option."),
    mark("No number is at least %(least)s and at most %(most)s."),
    mark("No day is after %(least)s and before %(most)s."),
    mark("A scale from %(first)s to %(last)s needs 2 to %(points)s points."),
    mark("No text is long enough and short enough."),
    mark("%(top)s options are ranked and there are %(count)s."),
    mark("Only a multiple question has exclusive options."),
    mark("Only single and multiple questions have an option with words."),
    mark("Nobody chooses at least %(least)s and at most %(most)s."),
    mark("At least %(least)s are wanted and there are %(count)s."),
    mark("Change the limits so that some answer fits."),
    mark("A skip from or into what rotates leads somewhere else for everybody."),
    mark("Use `show_if` on the questions instead, or do not rotate."),
    mark("There is no question or section %(to)s to skip to."),
    mark("The skip to %(to)s leads back: the interview would go round in circles."),
    mark("Name a later question or section, or `end`."),
    mark("The block has one section: nothing changes places."),
    mark("Name the block in another section too, or leave it out."),
    mark("The section rotates and has fewer than two questions."),
    mark("Leave `rotate` out."),
    mark("The text is missing in: %(languages)s."),
    mark("Write it in each language of the form, or take the language out of `languages`."),
    mark("The form does not speak: %(languages)s."),
    mark("Add the language to `languages`, or take the text out."),
    mark("%(braces)s cannot be read."),
    mark('Write {{ contact.field }}, {{ answers.code }} or {{ contact.field or "words" }}.'),
    mark("The form does not know the contact's field %(name)s."),
    mark("Add it to `contact_fields`, or mend the name."),
    mark("There is no answer %(name)s to put in."),
    mark("Name the code of an earlier question."),
    mark("%(name)s is not answered yet when this is said."),
    mark("Put the question later, or take the slot out."),
    mark("A default comes from the contact's fields alone."),
    mark("Write {{ contact.field }}."),
    mark("The expression cannot be read: %(why)s."),
    mark("docs/forms.md tells the language."),
    mark("There is no answer %(name)s."),
    mark("%(name)s has no answer."),
    mark("Name the code of an earlier question that is answered."),
    mark("%(name)s comes later for some people: the two rotate together."),
    mark("Take one of them out of what rotates."),
    mark("%(own)s hangs on %(name)s, and %(name)s on %(own)s: neither can be decided first."),
    mark("Let the later one alone look at the earlier one."),
    mark("%(name)s is not answered yet when this is decided."),
    mark("Move the question behind it, or ask something earlier."),
    mark("A condition must be true or false."),
    mark("Compare it with something."),
    mark("Only numbers are added or multiplied."),
    mark("Use a number."),
    mark("`has` wants a question with several options on its left."),
    mark("Use `=`."),
    mark("%(function)s wants the code of a question."),
    mark("Name a question."),
    mark("`and`, `or`, `not` join what is true or false."),
    mark("Several options are no single value."),
    mark("Use `has` or `count`."),
    mark("A whole matrix or address is no single value."),
    mark("Name a part: q.row."),
    mark("A %(kinds)s cannot be compared by %(sign)s."),
    mark("Compare like with like."),
    mark("There is no option %(code)s: it can never be chosen."),
    mark("Options are: %(codes)s."),
    mark("%(name)s has no part %(part)s."),
    mark("Parts are: %(codes)s."),
    mark("Leave the part out."),
    mark("The condition contradicts itself: no answers make it true."),
    mark("Change the condition, or what leads to it; or take the question out."),
    mark("Nobody is ever asked this: what leads here and the condition exclude each other."),
    mark("The condition never holds here."),
    mark("No answer fits the rule and the limits of the question."),
    mark("Loosen the rule or the limits."),
    mark("It could not be decided %(what)s: too many combinations, or a calculation."),
    mark("Try it out with `outdial form try`."),
)
#: What a message may have in it that is translated itself.
INNER = (
    mark("whether the question is ever asked"),
    mark("whether the condition ever holds"),
    mark("whether any answer fits the rule"),
    mark("number"),
    mark("text"),
    mark("date"),
    mark("truth"),
    mark("number and a text"),
    mark("date and a number"),
    mark("date and a text"),
    mark("number and a truth"),
    mark("text and a truth"),
    mark("date and a truth"),
)
#: Places in files, and what files are refused for.
FAULTS = (
    mark("line %(line)s"),
    mark("%(sheet)s, row %(row)s"),
    mark("The file is larger than %(limit)s MB."),
    mark("This is no YAML: %(why)s."),
    mark("This is no YAML text in UTF-8."),
    mark("The file is empty."),
    mark("Anchors and aliases (& and *) are not read: write it out."),
    mark("Tags (!) are not read: leave it out."),
    mark("%(name)s is there twice."),
    mark("%(name)s: Extra inputs are not permitted."),
    mark("%(name)s: Field required."),
    mark("There is no sheet `survey` with rows; sheets: %(names)s."),
    mark("The group is not ended: end_group is missing."),
    mark("The type is missing."),
    mark("The name is missing."),
    mark("The name %(name)s is there twice."),
    mark("There is no group to end."),
    mark("A table-list group takes rows of select_one only."),
    mark("The type %(word)s is not read. Known are: %(known)s."),
    mark("The sheet `choices` has no list %(name)s."),
    mark("A range needs parameters start, end (whole numbers) and step=1."),
    mark("%(name)s is no earlier question."),
    mark("The workbook needs too much memory or time."),
    mark("This is no workbook that can be read."),
    mark("The sheet has more than %(rows)s rows."),
    mark("The title in other languages than the first."),
    mark("The region of telephone numbers."),
    mark("The rotation of questions and blocks."),
    mark("XLSForm cannot screen out."),
    mark("XLSForm cannot skip; say it by show_if."),
)


def pattern_of(message: str) -> re.Pattern[str]:
    """Return what a sentence that was made of a message looks like."""
    written, seen = "", set[str]()
    for number, part in enumerate(_SLOT.split(message)):
        if number % 2 == 0:
            written += re.escape(part)
        else:
            written += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return re.compile(written, re.DOTALL)


@lru_cache
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    """Return the messages with slots; the wordier ones first, since the others fit their sentences too."""
    slotted = [one for one in (*MESSAGES, *FAULTS) if _SLOT.search(one)]
    slotted.sort(key=lambda one: len(_SLOT.sub("", one)), reverse=True)
    return [(one, pattern_of(one)) for one in slotted]


def said_in(say: Callable[[str], str], sentence: str) -> str:
    """Return a check's sentence in a language; one that nobody marked stays English."""
    if sentence in MESSAGES or sentence in FAULTS:
        return say(sentence)
    for message, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            facts = {
                name: say(value) if value in INNER else value
                for name, value in found.groupdict().items()
            }
            return say(message) % facts
    return sentence
