"""The form of a staged import: what a person chose, read and shown again as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from campaigns.lists.columns.fields import ColumnField, ValueType
from campaigns.lists.columns.mapping import MappingFault
from campaigns.lists.models import ListImport
from campaigns.lists.staged.options import ImportOptions
from campaigns.states import PhoneKind
from dialer.errors import Invalid

_COLUMN = "column-"


class ProofMissing(Invalid):
    """A consent nobody can show is none."""

    code = "proof_missing"
    message = "Say where the proof of the consent is."


#: What a column may be for, as ``field`` or ``field:detail``, in the order of the choice.
CHOICES: tuple[tuple[ColumnField, PhoneKind | ValueType | None], ...] = (
    (ColumnField.PHONE, None),
    *((ColumnField.PHONE, kind) for kind in PhoneKind),
    *((one, None) for one in ColumnField if one not in {ColumnField.PHONE, ColumnField.CUSTOM}),
    *((ColumnField.CUSTOM, value_type) for value_type in ValueType),
)


def choice_value(use: ColumnField, detail: PhoneKind | ValueType | None) -> str:
    """Return how a choice is written in the form."""
    return f"{use.value}:{detail.value}" if detail else use.value


@dataclass(frozen=True, slots=True)
class ImportForm:
    """Everything the form holds, as text."""

    name: str
    sheet: str
    region: str
    campaign_id: str
    duplicates_by: str
    duplicates_scope: str
    duplicates: str
    consent_kind: str
    consent_proof: str
    columns: Mapping[str, str] = field(default_factory=dict)  #: heading -> choice

    @classmethod
    def of(cls, row: ListImport) -> Self:
        """Return the form of an import as it is stored."""
        options = ImportOptions.read(row.options)
        basis = options.consent
        entries = {one["column"]: one for one in row.mapping.get("columns", ())}
        return cls(
            name=row.name,
            sheet=options.sheet or row.shape.get("sheet") or "",
            region=options.region,
            campaign_id=str(options.campaign_id or ""),
            duplicates_by=options.duplicates_by.value,
            duplicates_scope=options.duplicates_scope.value,
            duplicates=options.duplicates.value,
            consent_kind=basis.kind if basis else "",
            consent_proof=basis.proof if basis else "",
            columns={name: _choice(entries.get(name, {})) for name in row.shape["columns"]},
        )

    @classmethod
    def read(cls, given: Mapping[str, Any], row: ListImport) -> Self:
        """Return what a person sent; what is missing stays as it is stored."""
        stored = cls.of(row)

        def said(name: str) -> str:
            return str(given.get(name, getattr(stored, name))).strip()

        columns = {
            heading: str(given.get(f"{_COLUMN}{at}", stored.columns[heading]))
            for at, heading in enumerate(row.shape["columns"])
        }
        return cls(
            name=said("name")[:200],
            sheet=str(given.get("sheet", stored.sheet)),
            region=said("region"),
            campaign_id=said("campaign_id"),
            duplicates_by=said("duplicates_by"),
            duplicates_scope=said("duplicates_scope"),
            duplicates=said("duplicates"),
            consent_kind=said("consent_kind"),
            consent_proof=said("consent_proof"),
            columns=columns,
        )

    def options(self, row: ListImport) -> dict[str, Any]:
        """Return the options to change; None takes one away.

        Raises:
            ProofMissing: a consent is named, and no proof of it.
        """
        if self.consent_kind and not self.consent_proof:
            raise ProofMissing
        consent = row.options.get("consent") or {}
        if self.consent_kind:
            consent = {**consent, "kind": self.consent_kind, "proof": self.consent_proof}
        return {
            "region": self.region,
            "sheet": self.sheet or None,
            "campaign_id": self.campaign_id or None,
            "duplicates_by": self.duplicates_by,
            "duplicates_scope": self.duplicates_scope,
            "duplicates": self.duplicates,
            "consent": consent if self.consent_kind else None,
        }

    def mapping(self, row: ListImport) -> dict[str, Any] | None:
        """Return the mapping; None where another sheet is chosen, whose columns are others.

        Columns keep the order they had: the first phone column is dialled first.

        Raises:
            MappingFault: a choice is none of ours.
        """
        if self.sheet != (row.shape.get("sheet") or ""):
            return None
        before = [one["column"] for one in row.mapping.get("columns", ())]
        order = dict.fromkeys([*before, *self.columns])
        entries = [
            _entry(heading, self.columns[heading]) for heading in order if heading in self.columns
        ]
        return {"columns": entries}


def _choice(entry: Mapping[str, Any]) -> str:
    use = ColumnField(entry.get("field", ColumnField.CUSTOM))
    if use is ColumnField.PHONE:
        return f"{use}:{entry['kind']}" if entry.get("kind") else use.value
    if use is ColumnField.CUSTOM:
        return f"{use}:{entry.get('type', ValueType.TEXT.value)}"
    return use.value


def _entry(heading: str, choice: str) -> dict[str, str]:
    use, _, detail = choice.partition(":")
    if use not in set(ColumnField):
        raise MappingFault(column=heading)
    entry = {"column": heading, "field": use}
    if detail:
        entry["kind" if use == ColumnField.PHONE else "type"] = detail
    return entry


def column_names(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the name of each column's choice in the form, with its heading."""
    return [(f"{_COLUMN}{at}", heading) for at, heading in enumerate(columns)]
