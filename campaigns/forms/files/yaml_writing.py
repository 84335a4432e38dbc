"""Form -> YAML: always the same text for the same form, without what goes without saying."""

from typing import Any

import yaml
from pydantic import BaseModel

from campaigns.forms.form import Form
from campaigns.forms.question_parts import Base

#: What stands first in a mapping; the rest follows in the order of the model.
_FIRST = ("code", "type", "name")


class _Dumper(yaml.SafeDumper):
    """Writes indented lists, long texts as blocks, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        del indentless
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: aliases are not read."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    lines = text.split("\n")
    style = "|" if len(lines) > 1 else None
    if any(not line.isprintable() or line != line.rstrip() for line in lines):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write_yaml(form: Form) -> str:
    """Return a form as YAML; reading it gives an equal form, and writing that the same text."""
    return write_as(form)


def write_as(model: BaseModel) -> str:
    """Return a model as YAML, of a form or of another kind of file."""
    return yaml.dump(_said(model), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _said(model: BaseModel) -> dict[str, Any]:
    dumped = model.model_dump(mode="json", exclude_defaults=True)
    if isinstance(model, Base):
        dumped |= model.model_dump(mode="json", include={"type"})
    for name in type(model).model_fields:
        value = getattr(model, name)
        if (
            name in dumped
            and isinstance(value, tuple)
            and value
            and isinstance(value[0], BaseModel)
        ):
            dumped[name] = [_said(one) for one in value]
    first = {name: dumped[name] for name in _FIRST if name in dumped}
    return first | {name: value for name, value in dumped.items() if name not in first}
