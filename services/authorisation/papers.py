"""Papers 书面材料 of an organisation: checked for their kind, encrypted in the file store, looks logged (C1, C2, C9)."""

import hashlib
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_reader
from services.authorisation.views import FileView
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.unit_of_work import Work
from storage.authorisation_states import FileKind, RequestState
from storage.repositories.authorisation import RequestRepository
from storage.tables import AuthorisationFile

LARGEST: Final = 5_000_000
MOST_A_REQUEST: Final = 40
#: First bytes → media type and ending.
_TYPES: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)
#: While the society has the papers. A returned request's are the applicant's alone again.
_WITH_THE_SOCIETY: Final = (
    RequestState.SUBMITTED,
    RequestState.ON_SITE,
    RequestState.QUALIFIED,
    RequestState.FAILED,
    RequestState.AGREED,
    RequestState.GRANTED,
)


async def keep(
    work: Work,
    actor: Actor,
    organisation_id: UUID,
    kind: FileKind,
    filename: str,
    content: bytes,
    *,
    request_id: UUID | None = None,
) -> AuthorisationFile:
    """Keep one paper; the caller has checked who hands it in.

    Raises ServiceError: `paper.empty`, `paper.too_large` (`limit_mb`), `paper.type` (neither PDF nor JPEG nor PNG),
    `paper.too_many` (`limit`).
    """
    if not content:
        raise ServiceError("paper.empty")
    if len(content) > LARGEST:
        raise ServiceError("paper.too_large", limit_mb=LARGEST // 1_000_000)
    found = next((known for known in _TYPES if content.startswith(known[0])), None)
    if found is None:
        raise ServiceError("paper.type")
    if request_id is not None:
        held = await RequestRepository(work.session).files(request_id)
        if len(held) >= MOST_A_REQUEST:
            raise ServiceError("paper.too_many", limit=MOST_A_REQUEST)
    _, media_type, ending = found
    row = AuthorisationFile(
        id=uuid4(),
        organisation_id=organisation_id,
        request_id=request_id,
        kind=kind,
        filename=filename.strip()[-120:] or f"paper.{ending}",
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        file_key="",
        created_at=work.now,
    )
    row.file_key = f"authorisations/{organisation_id.hex}/{row.id.hex}.{ending}"
    await work.tools.files.put(row.file_key, content)
    work.session.add(row)
    await work.session.flush()
    audit.record(
        work,
        actor,
        "authorisation.paper_added",
        "organisation",
        organisation_id,
        after={"kind": str(kind), "sha256": row.sha256},
        organisation_id=organisation_id,
    )
    return row


async def read(work: Work, actor: Actor, file_id: UUID) -> tuple[bytes, str, str]:
    """Content, media type and file name; the look is logged. Raises NotFoundError, also for what was sent back."""
    requests = RequestRepository(work.session)
    row = await requests.find_file(file_id)
    if row is None:
        raise NotFoundError("access.not_found")
    if row.file_key is None:
        raise NotFoundError("authorisation.paper_purged")
    reader_id = row.organisation_id
    if actor.organisation_id != row.organisation_id and actor.kind == "staff":
        reader_id = await _society_of(requests, row) or row.organisation_id
    ensure_reader(actor, reader_id)
    audit.record(
        work,
        actor,
        "authorisation.paper_read",
        "organisation",
        row.organisation_id,
        after={"kind": row.kind, "sha256": row.sha256},
        organisation_id=row.organisation_id,
    )
    return await work.tools.files.get(row.file_key), row.media_type, row.filename


async def _society_of(requests: RequestRepository, row: AuthorisationFile) -> UUID | None:
    """The society that may read it now: the one of its request, or of any request of the organisation for undertakings."""
    if row.request_id is not None:
        request = await requests.find(row.request_id)
        return request.society_id if request is not None and request.state in _WITH_THE_SOCIETY else None
    for request in await requests.list_of_organisation(row.organisation_id):
        if request.state in _WITH_THE_SOCIETY:
            return request.society_id
    return None


def view(row: AuthorisationFile) -> FileView:
    """As it is listed."""
    return FileView(
        id=row.id,
        kind=FileKind(row.kind),
        filename=row.filename,
        size=row.size,
        added_at=row.created_at,
        purged_at=row.purged_at,
    )
