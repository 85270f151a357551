"""Papers that were not made: a job tries five times and gives up, then staff let it try again."""

from uuid import UUID

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.certificates.issuing import LOCK_PREFIX, defer_delivery
from services.certificates.models import PaperState, UnmadePaper
from services.certificates.views import view
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.certificates import CertificateRepository
from storage.repositories.unmade_papers import UnmadePaperRepository
from storage.states import CertificateState
from storage.tables import Certificate

#: More than these are never looked through one by one.
MOST_SHOWN = 100


class UnmadePaperService:
    """Certificates that are valid and whose holder has nothing in hand yet."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.certificates = CertificateRepository(work.session)
        self.unmade = UnmadePaperRepository(work.session, LOCK_PREFIX)

    async def list_lines(self, actor: Actor) -> tuple[UnmadePaper, ...]:
        """Those of the actor's organisation, the failed ones first, a hundred at most. Raises ForbiddenError."""
        rows = await self.unmade.list_unmade(visible_organisation(actor), limit=MOST_SHOWN)
        return tuple(
            UnmadePaper(certificate=view(self.work, row), state=_state(tried=tried), issued_at=row.created_at)
            for row, tried in rows
        )

    async def count_failed(self, actor: Actor) -> int:
        """How many in the actor's organisation nobody tries to make any more. Raises ForbiddenError."""
        return await self.unmade.count_given_up(visible_organisation(actor))

    async def state_of(self, actor: Actor, certificate_id: UUID) -> PaperState | None:
        """How one paper stands; None when it is made, or not valid. Raises NotFoundError."""
        row = await self._found(certificate_id)
        ensure_reader(actor, row.organisation_id)
        if not _is_unmade(row):
            return None
        return _state(tried=await self.unmade.is_tried(row.id))

    async def retry(self, actor: Actor, certificate_id: UUID) -> None:
        """Have a paper that failed made once more, five tries again; its holder is told when it is there.

        Raises:
            ConflictError: `certificate.paper_made`, it is there already or not valid; `certificate.paper_waits`, a job
                still tries.
            NotFoundError, ForbiddenError: not of the actor's organisation, or a reader.
        """
        row = await self._found(certificate_id, for_update=True)
        ensure_officer(actor, row.organisation_id)
        if not _is_unmade(row):
            raise ConflictError("certificate.paper_made", number=row.number)
        if await self.unmade.is_tried(row.id):
            raise ConflictError("certificate.paper_waits", number=row.number)
        self._record(actor, "certificate.paper_retried", row)
        await defer_delivery(self.work, row)

    async def give_up(self, certificate_id: UUID, error: str) -> None:
        """Keep that the last try failed; `error` is the kind of error, for whoever runs the program."""
        row = await self._found(certificate_id)
        self._record(Actor.system("certificates"), "certificate.paper_failed", row, error=error)

    async def _found(self, certificate_id: UUID, *, for_update: bool = False) -> Certificate:
        row = await self.certificates.find(certificate_id, for_update=for_update)
        if row is None:
            raise NotFoundError("certificate.not_found")
        return row

    def _record(self, actor: Actor, action: str, row: Certificate, **after: str) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "certificate",
            row.id,
            after={"number": row.number, **after},
            organisation_id=row.organisation_id,
            scheme_ref=f"{row.scheme_id}@{row.scheme_version}",
        )


def _is_unmade(row: Certificate) -> bool:
    return row.state == CertificateState.VALID and row.png_key is None and row.purged_at is None


def _state(*, tried: bool) -> PaperState:
    return PaperState.WAITING if tried else PaperState.FAILED
