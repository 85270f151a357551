"""What staff do with requests to delete: read, propose and confirm as two people, close, refuse with a reason (C11)."""

from typing import Final
from uuid import UUID

from services import audit
from services.access import (
    ensure_admin,
    ensure_another,
    ensure_officer,
    ensure_reader,
    visible_organisation,
)
from services.erasure.carrying import defer_carrying_out
from services.erasure.holdings import of_enrolments
from services.erasure.models import ErasureDetail, ErasureLine, ErasurePage, ErasurePart, Holding
from services.erasure.telling import tell_refused
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor
from services.rules import plain_words
from services.rules.erasure import Duty, Fate
from services.rules.masking import name as masked_name
from services.unit_of_work import Work
from storage.erasure_states import ErasureState
from storage.repositories.erasures import ErasureRepository
from storage.tables import Enrolment, ErasureItem, ErasureRequest

_LONGEST_REASON: Final = 200


class ErasureService:
    """Requests of one's organisation. Reading: all its staff; deleting: two administrators; closing: an officer."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.erasures = ErasureRepository(work.session)

    async def count_waiting(self, actor: Actor) -> int:
        """How many wait for a decision."""
        return await self.erasures.count_waiting(visible_organisation(actor))

    async def list_lines(
        self, actor: Actor, *, open_only: bool = False, page: int = 1, per_page: int = 25
    ) -> ErasurePage:
        """Those that wait first."""
        page = max(page, 1)
        total, rows = await self.erasures.page(
            visible_organisation(actor), open_only=open_only, offset=(page - 1) * per_page, limit=per_page
        )
        items = tuple(_line(request, count) for request, count in rows)
        return ErasurePage(items=items, total=total, page=page, pages=max(1, -(-total // per_page)))

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The request of this number. Raises NotFoundError."""
        return self._readable(actor, await self.erasures.find_by_number(number)).id

    async def show(self, actor: Actor, request_id: UUID) -> ErasureDetail:
        """A request with everything in it, looked at again today. Raises NotFoundError."""
        return await self._detail(self._readable(actor, await self.erasures.find(request_id)))

    async def propose(self, actor: Actor, request_id: UUID, reason: str) -> ErasureDetail:
        """Propose to delete what no duty keeps.

        Raises:
            ForbiddenError: `access.admin_only`. NotFoundError: another organisation's (B9).
            ConflictError: `erasure.wrong_state`; `erasure.nothing_to_erase`.
            InvalidValueError: `words.…` of the reason.
        """
        request = await self._decidable(actor, request_id, ErasureState.WAITING)
        ensure_admin(actor)
        detail = await self._detail(request)
        if not detail.to_erase:
            raise ConflictError("erasure.nothing_to_erase")
        request.reason = plain_words.reason(reason, most=_LONGEST_REASON, label="理由")
        request.proposed_by, request.proposed_by_name = actor.id, actor.name
        request.proposed_at = self.work.now
        self._move(actor, request, ErasureState.PROPOSED, files=detail.files)
        return await self._detail(request)

    async def confirm(self, actor: Actor, request_id: UUID, *, files: int) -> ErasureDetail:
        """Delete for good, as another person than who proposed it; a job carries it out and tells the person.

        `files` is how many pictures this person has seen that it would be.

        Raises:
            ForbiddenError: `erasure.same_person`, `access.admin_only`. NotFoundError: another organisation's (B9).
            ConflictError: `erasure.wrong_state`; `erasure.nothing_to_erase`; `erasure.other_count` (`files`).
        """
        request = await self._decidable(actor, request_id, ErasureState.PROPOSED)
        ensure_admin(actor)
        ensure_another(actor, request.proposed_by, "erasure.same_person")
        detail = await self._detail(request)
        if not detail.to_erase:
            raise ConflictError("erasure.nothing_to_erase")
        if files != detail.files:
            raise ConflictError("erasure.other_count", files=detail.files)
        self._decided(actor, request)
        self._move(actor, request, ErasureState.CONFIRMED, files=files)
        await defer_carrying_out(self.work, request.id)
        return await self._detail(request)

    async def close(self, actor: Actor, request_id: UUID) -> ErasureDetail:
        """Close what leaves nothing to delete: a duty keeps all of it, restricted. The person is told.

        Raises:
            ForbiddenError: `access.read_only`. NotFoundError: another organisation's (B9).
            ConflictError: `erasure.wrong_state`; `erasure.to_erase`, two people decide about some of it (`count`).
        """
        request = await self._decidable(actor, request_id, ErasureState.WAITING, ErasureState.PROPOSED)
        detail = await self._detail(request)
        if detail.to_erase:
            raise ConflictError("erasure.to_erase", count=detail.to_erase)
        self._decided(actor, request)
        self._move(actor, request, ErasureState.CONFIRMED)
        await defer_carrying_out(self.work, request.id)
        return await self._detail(request)

    async def refuse(self, actor: Actor, request_id: UUID, reason: str) -> ErasureDetail:
        """Refuse it: nothing is deleted, nothing restricted any more, and the person reads the reason. Raises as `propose`."""
        request = await self._decidable(actor, request_id, ErasureState.WAITING, ErasureState.PROPOSED)
        ensure_admin(actor)
        request.reason = plain_words.reason(reason, most=_LONGEST_REASON, label="理由")
        self._decided(actor, request)
        self._move(actor, request, ErasureState.REFUSED)
        await self.work.session.flush()
        await self.erasures.free(request.id)
        await tell_refused(self.work, request)
        return await self._detail(request)

    # ---- inside ---------------------------------------------------------------------------------------------

    @staticmethod
    def _readable(actor: Actor, request: ErasureRequest | None) -> ErasureRequest:
        if request is None:
            raise NotFoundError("erasure.not_found")
        ensure_reader(actor, request.organisation_id)
        return request

    async def _decidable(self, actor: Actor, request_id: UUID, *states: ErasureState) -> ErasureRequest:
        request = self._readable(actor, await self.erasures.find(request_id, for_update=True))
        if actor.kind != "staff":
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, request.organisation_id)
        if request.state not in states:
            raise ConflictError("erasure.wrong_state", state=request.state)
        return request

    def _decided(self, actor: Actor, request: ErasureRequest) -> None:
        request.decided_by, request.decided_by_name = actor.id, actor.name
        request.decided_at = self.work.now

    def _move(self, actor: Actor, request: ErasureRequest, to: ErasureState, **after: int) -> None:
        before, request.state = request.state, to
        audit.record(
            self.work,
            actor,
            f"erasure.{to.value}",
            "erasure_request",
            request.id,
            before={"state": before},
            after={"state": to, **after},
            reason=request.reason,
            organisation_id=request.organisation_id,
        )

    async def _detail(self, request: ErasureRequest) -> ErasureDetail:
        rows = await self.erasures.items(request.id)
        open_ = request.state in (ErasureState.WAITING, ErasureState.PROPOSED, ErasureState.CONFIRMED)
        now = await of_enrolments(self.work, [enrolment.id for _, enrolment, _ in rows])
        parts = tuple(
            _part(item, enrolment, name or "", now[enrolment.id], looked_again=open_)
            for item, enrolment, name in rows
        )
        erasing = [part for part in parts if part.fate is Fate.ERASE]
        return ErasureDetail(
            line=_line(request, len(parts)),
            parts=parts,
            to_erase=len(erasing),
            files=sum(part.files for part in erasing),
        )


def _part(
    item: ErasureItem, enrolment: Enrolment, name: str, now: Holding, *, looked_again: bool
) -> ErasurePart:
    fresh = looked_again and item.erased_at is None
    return ErasurePart(
        enrolment_id=enrolment.id,
        number=enrolment.number,
        name=masked_name(name) if name else "",
        scheme=now.scheme,
        fate=now.ruling.fate if fresh else Fate(item.fate),
        duties=now.ruling.duties if fresh else tuple(Duty(duty) for duty in item.duties),
        kept_until=now.ruling.kept_until if fresh else item.kept_until,
        years=now.years,
        basis=now.basis,
        files=item.erased_files if item.erased_at is not None else now.pictures,
        erased_at=item.erased_at,
    )


def _line(request: ErasureRequest, enrolments: int) -> ErasureLine:
    return ErasureLine(
        id=request.id,
        number=request.number,
        asked_at=request.created_at,
        state=ErasureState(request.state),
        enrolments=enrolments,
        proposed_by=request.proposed_by_name,
        proposed_at=request.proposed_at,
        reason=request.reason,
        decided_by=request.decided_by_name,
        decided_at=request.decided_at,
        finished_at=request.finished_at,
    )
