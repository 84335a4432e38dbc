"""All checks of a form before it is published."""

from campaigns.forms.checks.findings import Finding
from campaigns.forms.checks.kinds import check_kinds
from campaigns.forms.checks.logic import check_logic
from campaigns.forms.checks.referring import check_references
from campaigns.forms.checks.structure import check_structure
from campaigns.forms.checks.wording import check_wording
from campaigns.forms.form import Form


def check(form: Form) -> tuple[Finding, ...]:
    """Return all that is wrong with a form; nothing bars it when each finding is only ``undecided``.

    Logic is looked at once everything else is in order: without that it says nothing.
    """
    found = [*check_structure(form), *check_wording(form), *check_references(form)]
    found += check_kinds(form)
    if not any(finding.bars for finding in found):
        found += check_logic(form)
    return tuple(dict.fromkeys(found))
