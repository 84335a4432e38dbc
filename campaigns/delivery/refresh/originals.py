"""The files that a campaign's lists came in, and which of their rows a row of a list is."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.refresh.text_file import TextFile
from campaigns.delivery.refresh.workbook_file import WorkbookFile
from campaigns.lists.models import ContactList, ListImport, OriginalFile
from campaigns.models import CampaignList

RefreshedFile = TextFile | WorkbookFile
#: What can be given back as it came; the others come back as CSV.
_GIVEN_BACK = frozenset({"csv", "xlsx"})


@dataclass(frozen=True, slots=True)
class Original:
    """A client's file as it came, and what is in it."""

    list_id: UUID
    file_name: str
    path: Path
    format: str
    sheet: str | None
    columns: tuple[str, ...]  #: by position
    first_row: int  #: number in the list of its first row
    dropped: tuple[int, ...]  #: rows of the list that are not in it any more

    def place_of(self, row: int) -> int:
        """Return which row of the file, 1 = the first, a row of the list is."""
        return row - self.first_row + 1 - bisect_left(self.dropped, row)

    def opened(self, target: Path, *, only_changed: bool) -> RefreshedFile:
        """Begin the new file at ``target``.

        Raises:
            Invalid: it cannot be read any more.
        """
        if self.format == "csv":
            return TextFile(self.path, target, self.columns, only_changed=only_changed)
        return WorkbookFile(
            self.path, target, self.columns, sheet=self.sheet, only_changed=only_changed
        )


@dataclass(frozen=True, slots=True)
class ListFiles:
    """A list of the campaign with the files it came in; none: they are not kept, or of another kind."""

    id: UUID
    name: str
    columns: tuple[str, ...]
    originals: Sequence[Original]

    def original_of(self, row: int) -> Original | None:
        """Return the file that a row of the list came in."""
        firsts = [one.first_row for one in self.originals]
        at = bisect_right(firsts, row) - 1
        return self.originals[at] if at >= 0 else None


async def list_files(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, uploads: Path
) -> list[ListFiles]:
    """Return the campaign's lists with their files, in the order in which contacts are read."""
    lists = await session.exec(
        select(ContactList)
        .join(CampaignList, col(CampaignList.list_id) == col(ContactList.id))
        .where(
            col(CampaignList.campaign_id) == campaign_id, col(ContactList.client_id) == client_id
        )
        .order_by(col(ContactList.id))
    )
    found = []
    for one in lists.all():
        kept = await session.exec(
            select(OriginalFile, ListImport)
            .join(ListImport, col(ListImport.id) == col(OriginalFile.import_id))
            .where(col(OriginalFile.list_id) == one.id, col(OriginalFile.client_id) == client_id)
            .order_by(col(OriginalFile.first_row))
        )
        originals = [original(file, row, uploads) for file, row in kept]
        is_whole = all(file.format in _GIVEN_BACK and file.path.is_file() for file in originals)
        known = originals if is_whole and originals and originals[0].first_row == 1 else []
        found.append(ListFiles(one.id, one.name, tuple(one.columns), known))
    return found


def original(file: OriginalFile, row: ListImport, uploads: Path) -> Original:
    """Return what is known of a kept file."""
    return Original(
        file.list_id,
        row.file_name,
        uploads / file.stored_as,
        str(row.shape.get("format")),
        row.options.get("sheet") or row.shape.get("sheet"),
        tuple(row.shape.get("columns") or ()),
        file.first_row,
        tuple(file.dropped),
    )
