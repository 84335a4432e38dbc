"""Words of scripts and of the knowledge base: what people read instead of codes."""

from api.labels import mark
from campaigns.scripts.words import ArticleKind, ScriptFinding

#: What is wrong with a script, at a step.
FINDINGS = {
    ScriptFinding.NO_STEPS: mark("The script has no steps: add the first one."),
    ScriptFinding.EMPTY_STEP: mark("There is nothing to say here: write the words."),
    ScriptFinding.MISSING_TARGET: mark(
        "The answer “%(detail)s” leads nowhere: choose the step at which the talk goes on."
    ),
    ScriptFinding.DEAD_END: mark(
        "The talk gets stuck here: add an answer, or say that the talk ends here."
    ),
    ScriptFinding.NO_WAY_OUT: mark(
        "From here the talk goes round in circles: no way leads to an end."
    ),
    ScriptFinding.NEVER_REACHED: mark("No answer leads here: only the list of steps does."),
    ScriptFinding.DOUBLE_ANSWER: mark("The answer “%(detail)s” is there twice."),
    ScriptFinding.BAD_VARIABLE: mark(
        "“%(detail)s” cannot be filled: write {{ contact.field }}, {{ agent.name }} or"
        " {{ campaign.name }}, and not in the address of a link."
    ),
    ScriptFinding.UNKNOWN_FIELD: mark(
        "No list has the field of “%(detail)s”: operators will see what stands in its place."
    ),
    ScriptFinding.MISSING_LANGUAGE: mark("Something is not said in the language “%(detail)s”."),
}

KINDS = {
    ArticleKind.OBJECTION: mark("Objection"),
    ArticleKind.ARTICLE: mark("Article"),
}

#: Languages of texts, in their own words.
LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}

#: The name of a script that was given none.
UNNAMED = mark("Script")

#: What a new script says, to be replaced: a talk that begins, goes on and ends.
STARTER = {
    "greeting_title": mark("Greeting"),
    "greeting_body": mark(
        'Good day, **{{ contact.first_name or "dear customer" }}**! My name is {{ agent.name }}.'
        " Have you got two minutes?"
    ),
    "greeting_yes": mark("Yes, go on"),
    "greeting_no": mark("No time"),
    "offer_title": mark("What it is about"),
    "offer_body": mark(
        "Say here what you call about.\n\n> A line that begins with > is for the operator: it is not"
        " read aloud."
    ),
    "offer_done": mark("Everything is clear"),
    "farewell_title": mark("Farewell"),
    "farewell_body": mark("Thank you for your time. Goodbye!"),
}

#: Errors that the pages show as sentences.
PROBLEMS = (
    mark("There is no such script or version."),
    mark("The script cannot be published: something in it is wrong."),
    mark("There is no draft: what there is was published already."),
    mark("Somebody else has changed this meanwhile: look at it, then make your change again."),
    mark("There is nothing to undo."),
    mark("There is no such article or version."),
    mark("An article needs a title and a text before it can be published."),
    mark("This campaign has no script."),
    mark("The script cannot be changed like that."),
    mark("The article cannot be kept like that: it is too long, or has too many tags."),
    mark("There is no such step any more."),
    mark("A step has no room for more answers."),
    mark("There is no such attempt."),
    mark("There is no such campaign."),
)
