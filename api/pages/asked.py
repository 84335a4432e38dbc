"""What every page of an import starts from: the request, who asks, and what answers."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from api.auth import (
    PageExporterDep,
    PageIdentityDep,
    PageManagerDep,
    PagePortalDep,
    PageReviewerDep,
    PageScoredDep,
    PageSteererDep,
)
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.templating import problem_words
from campaigns.lists.models import ListImport
from campaigns.lists.staged import staging
from dialer.errors import OutdialError


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a person who is signed in."""

    request: Request
    who: PageIdentityDep
    session: SessionDep
    services: ServicesDep

    async def find(self, import_id: UUID) -> ListImport:
        """Return the person's client's import.

        Raises:
            ImportNotFound: no such import, or it is another client's.
        """
        return await staging.find_import(self.session, import_id, client_id=self.who.client_id)

    def words_of(self, problem: OutdialError) -> str:
        """Return an error's sentence in the person's language."""
        return problem_words(language_of(self.request), problem)


AskedDep = Annotated[Asked, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToChange(Asked):
    """One request of a person who changes something."""

    who: PageManagerDep


AskedToChangeDep = Annotated[AskedToChange, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToSteer(Asked):
    """One request of a person who steers calls, or judges them."""

    who: PageSteererDep


AskedToSteerDep = Annotated[AskedToSteer, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToExport(Asked):
    """One request of a person who takes a file away."""

    who: PageExporterDep


AskedToExportDep = Annotated[AskedToExport, Depends()]


@dataclass(frozen=True, slots=True)
class AskedToReview(Asked):
    """One request of a person who scores calls."""

    who: PageReviewerDep


AskedToReviewDep = Annotated[AskedToReview, Depends()]


@dataclass(frozen=True, slots=True)
class AskedOwnScores(Asked):
    """One request of an operator about the own scores."""

    who: PageScoredDep


AskedOwnScoresDep = Annotated[AskedOwnScores, Depends()]


@dataclass(frozen=True, slots=True)
class AskedByClient(Asked):
    """One request of a client's user, on the client's own pages."""

    who: PagePortalDep


AskedByClientDep = Annotated[AskedByClient, Depends()]
