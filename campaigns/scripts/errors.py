"""The situations that scripts and the knowledge base refuse, each with what would mend it."""

from campaigns.forms.files.faults import UnreadableForm
from dialer.errors import Conflict, Invalid, NotFound


class UnreadableScript(UnreadableForm):
    """A file that is no script and no articles; ``facts["faults"]`` lists what is wrong and where."""

    code = "unreadable_script"
    message = "This file cannot be read as a script, or as articles."


class ScriptNotFound(NotFound):
    """The client has no such script, or it has no such version."""

    code = "script_not_found"
    message = "There is no such script or version."


class ScriptNotPublishable(Conflict):
    """The script has faults; ``facts["findings"]`` names each with its step."""

    code = "script_not_publishable"
    message = "The script cannot be published: something in it is wrong."


class NoDraft(Conflict):
    """There is nothing that was changed since the last version."""

    code = "no_draft"
    message = "There is no draft: what there is was published already."


class DraftChanged(Conflict):
    """Somebody else has changed the draft meanwhile; nothing of theirs is overwritten."""

    code = "draft_changed"
    message = "Somebody else has changed this meanwhile: look at it, then make your change again."


class NothingToUndo(Conflict):
    """The draft was not changed since it was made."""

    code = "nothing_to_undo"
    message = "There is nothing to undo."


class ArticleNotFound(NotFound):
    """The client has no such article, or it has no such version."""

    code = "article_not_found"
    message = "There is no such article or version."


class ArticleNotPublishable(Invalid):
    """The article has no title or says nothing."""

    code = "article_not_publishable"
    message = "An article needs a title and a text before it can be published."


class NoScriptForCall(NotFound):
    """The call's campaign has no script."""

    code = "no_script_for_call"
    message = "This campaign has no script."
