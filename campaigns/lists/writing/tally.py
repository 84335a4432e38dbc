"""Tally: what became of the rows of an import, counted batch by batch."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from campaigns.lists.refusals import ImportWarning
from campaigns.lists.staged.plan import DncLookup, Sample
from campaigns.lists.writing.batch import Batch, Draft

#: Rows shown of each reason, and of the accepted ones.
_SAMPLES = 5


class Tally:
    """Counts; nothing in it says who anybody is but for the few samples."""

    def __init__(self, dnc: Mapping[str, DncLookup] | None) -> None:
        """Look the numbers up in the do-not-call lists ``dnc``, by their codes."""
        self._dnc = dnc or {}
        self.rows_in = 0
        self.refused: Counter[str] = Counter()
        self.phones = 0
        self.numbers_skipped = 0
        self.merged = 0
        self.mended = 0
        self.mended_refused = 0  #: mended rows that are refused again
        self.warnings: Counter[str] = Counter()
        self._samples: dict[str, list[Sample]] = {}

    def add(self, batch: Batch) -> None:
        """Count a batch whose duplicates are decided."""
        self.rows_in += batch.rows
        self.refused.update(refusal.reason for refusal in batch.refused)
        again = set(batch.mended)
        if again:
            self.mended += sum(draft.source_row in again for draft in batch.drafts)
            self.mended_refused += sum(one.source_row in again for one in batch.refused)
        for draft in batch.drafts:
            self.numbers_skipped += draft.skipped
            if draft.merges:
                self.merged += 1
            else:
                self.phones += len(draft.numbers)
        self._look_up(batch.drafts)
        self._sample(batch)

    @property
    def rows_refused(self) -> int:
        """Return how many rows gave no contact."""
        return self.refused.total()

    def facts(self, warnings: Counter[str]) -> dict[str, Any]:
        """Return the fields of a report; ``warnings`` are those of the sorter."""
        return {
            "rows_in": self.rows_in,
            "rows_accepted": self.rows_in - self.rows_refused,
            "rows_refused": self.rows_refused,
            "refused_by_reason": {str(reason): n for reason, n in self.refused.items() if n},
            "phones": self.phones,
            "numbers_skipped": self.numbers_skipped,
            "merged": self.merged,
            "mended": self.mended,
            "warnings": {str(code): n for code, n in (self.warnings + warnings).items() if n},
            "samples": tuple(one for kept in self._samples.values() for one in kept),
        }

    def _look_up(self, drafts: list[Draft]) -> None:
        if not self._dnc or not drafts:
            return
        numbers = [int(number.e164) for draft in drafts for number in draft.numbers]
        anywhere: set[int] = set()
        for code, listed in self._dnc.items():
            found = listed(numbers)
            self.warnings[f"{ImportWarning.DNC_LISTED}:{code}"] += len(found)
            anywhere.update(found)
        self.warnings[ImportWarning.DNC_LISTED] += len(anywhere)

    def _sample(self, batch: Batch) -> None:
        for refusal in batch.refused:
            self._keep(Sample(refusal[0], refusal[1], refusal[2], tuple(refusal[3])))
        for draft in batch.drafts[:_SAMPLES]:
            self._keep(Sample(draft.source_row, "", "", tuple(draft.cells)))

    def _keep(self, sample: Sample) -> None:
        kept = self._samples.setdefault(sample.reason, [])
        if len(kept) < _SAMPLES:
            kept.append(sample)
