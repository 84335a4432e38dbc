"""A client's lists, by its programs: sent, looked at, handed over to the call centre."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api import importing
from api.auth import Permission, PortalDep
from api.deps import ServicesDep, SessionDep
from api.errors import problems
from api.handing_over import discard_upload, hand_over
from api.importing import TooLargeToCheck
from api.schemas.imports import ForecastOut, ImportPatch, PreviewOut
from api.schemas.portal import ClientUploadOut
from api.uploading import UploadFormDep, UploadRoute, folder_of
from campaigns.errors import CampaignNotFound, ListNotFound
from campaigns.lists.columns.mapping import MappingFault, NoPhoneColumn
from campaigns.lists.reading.faults import EmptyFile, FileTooLarge, UnknownSheet, UnreadableFile
from campaigns.lists.staged import staging
from campaigns.lists.staged.options import BadOptions
from campaigns.lists.staged.preparing import UnknownRegion
from campaigns.lists.staged.previewing import preview
from campaigns.lists.staged.staging import ImportNotStaged
from campaigns.portal import uploads
from campaigns.portal.errors import UploadHandedOver, UploadNotFound
from dialer.db import transaction
from dialer.errors import Forbidden, Unauthenticated

_OF_A_FILE = (FileTooLarge, UnreadableFile, EmptyFile, UnknownSheet, UnknownRegion, BadOptions)
_OF_OPTIONS = (BadOptions, MappingFault, UnknownSheet, ListNotFound, CampaignNotFound)
_OF_ONE = (UploadNotFound, ImportNotStaged)


class _ClientsRoute(UploadRoute):
    """A route that takes a client's file."""

    def permission(self) -> Permission:
        return Permission.PORTAL


router = APIRouter(
    prefix="/portal/uploads",
    tags=["portal"],
    route_class=_ClientsRoute,
    responses=problems(Unauthenticated, Forbidden),
)


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(*_OF_A_FILE))
async def upload_client_list(
    form: UploadFormDep, who: PortalDep, session: SessionDep, services: ServicesDep
) -> ClientUploadOut:
    """Stage a file: it is stored and looked at; the call centre has it once it is handed over."""
    await session.rollback()  # no transaction stays open and idle while a large file is stored
    sent = await importing.take_in(form, services)
    async with transaction(services.sessions, whose=who.whose) as own:
        row = await importing.stage(own, sent, who, services)
        await uploads.keep(own, row)
        return ClientUploadOut.of(await uploads.find(own, row.id, client_id=who.client_id))


@router.get("")
async def list_client_uploads(who: PortalDep, session: SessionDep) -> list[ClientUploadOut]:
    """Return the 100 newest lists that the client sent."""
    return [ClientUploadOut.of(one) for one in await uploads.uploads_of(session, who.client_id)]


@router.get("/{import_id}", responses=problems(UploadNotFound))
async def get_client_upload(
    import_id: UUID, who: PortalDep, session: SessionDep
) -> ClientUploadOut:
    """Return one list, and how far it is."""
    return ClientUploadOut.of(await uploads.find(session, import_id, client_id=who.client_id))


@router.get("/{import_id}/preview", responses=problems(*_OF_ONE))
async def preview_client_upload(
    import_id: UUID, who: PortalDep, session: SessionDep, services: ServicesDep
) -> PreviewOut:
    """Return the first 20 rows, and what each column is taken for."""
    upload = await uploads.find(session, import_id, client_id=who.client_id)
    staging.require_staged(upload.row)
    return PreviewOut.model_validate(await preview(folder_of(services), upload.row))


@router.post("/{import_id}/dry-run", responses=problems(*_OF_ONE, NoPhoneColumn, TooLargeToCheck))
async def rehearse_client_upload(
    import_id: UUID, who: PortalDep, session: SessionDep, services: ServicesDep
) -> ForecastOut:
    """Tell which rows would be refused, and why."""
    upload = await uploads.find(session, import_id, client_id=who.client_id)
    return ForecastOut.of(await importing.told(session, services, upload.row))


@router.patch("/{import_id}", responses=problems(*_OF_ONE, UploadHandedOver, *_OF_OPTIONS))
async def change_client_upload(
    import_id: UUID,
    body: ImportPatch,
    who: PortalDep,
    session: SessionDep,
    services: ServicesDep,
) -> ClientUploadOut:
    """Change what the import will do, while the call centre has not the file."""
    upload = await uploads.find(session, import_id, client_id=who.client_id, lock=True)
    uploads.require_changeable(upload)
    await staging.change(
        session,
        folder_of(services),
        upload.row,
        clock=services.clock,
        book=services.law.book,
        name=body.name,
        options=body.options,
        mapping=body.mapping,
        user_id=who.user_id,
    )
    return ClientUploadOut.of(upload)


@router.post(
    "/{import_id}/hand-over", responses=problems(*_OF_ONE, UploadHandedOver, NoPhoneColumn)
)
async def hand_client_upload_over(
    import_id: UUID, who: PortalDep, session: SessionDep, services: ServicesDep
) -> ClientUploadOut:
    """Hand a list over; where the call centre allows it, a worker imports it at once."""
    await session.rollback()
    async with transaction(services.sessions, whose=who.whose) as own:
        upload = await uploads.find(own, import_id, client_id=who.client_id, lock=True)
        at_once = await hand_over(own, services, upload, who)
    if at_once is not None:
        await importing.leave_job(services, at_once)
    return ClientUploadOut.of(await uploads.find(session, import_id, client_id=who.client_id))


@router.delete(
    "/{import_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(*_OF_ONE, UploadHandedOver),
)
async def discard_client_upload(
    import_id: UUID, who: PortalDep, session: SessionDep, services: ServicesDep
) -> None:
    """Forget a list and its file, while the call centre has it not."""
    await session.rollback()
    await discard_upload(services, import_id, who)
