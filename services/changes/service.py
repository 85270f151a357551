"""Changing one's own data in the chat: at once what is theirs to change, by a request what is not (E8)."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services import attachments
from services.answers import plain_answers
from services.attachments import MOST
from services.changes import chain, filing, views
from services.changes.applying import apply
from services.changes.models import Begun, Changeable, ChangeLine, Outcome
from services.changes.opening import CHANGEABLE, fields_of, is_open
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, ChangeState, EnrolmentState
from services.rules import plain_words
from services.rules.answers import shown
from services.schemes.standing import change_kind
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.repositories.changes import ChangeRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import Enrolment

#: A request that was left so long ago is not taken up again.
_BEGUN_LASTS = timedelta(days=30)
_TOLD = (ChangeState.DRAFT, ChangeState.PENDING, ChangeState.APPROVED, ChangeState.REFUSED)


class ChangeService:
    """What a person does with their own data after the review."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.changes = ChangeRepository(work.session)

    async def changeable(self, follower_id: UUID) -> tuple[Changeable, ...]:
        """The enrolments whose data can be changed now, the newest first."""
        rows = await self.changes.enrolments_of(follower_id, CHANGEABLE)
        return tuple(item for row in rows if (item := self._changeable(row)).fields)

    async def why_not(self, follower_id: UUID) -> EnrolmentState | None:
        """The state of the newest enrolment, when none can be changed; None when there is none at all."""
        rows = await EnrolmentRepository(self.work.session).list_of_follower(follower_id)
        return EnrolmentState(rows[0].state) if rows else None

    async def put(
        self, follower_id: UUID, enrolment_id: UUID, field_key: str, typed: str, *, actor: Actor
    ) -> Outcome:
        """Change the field (a), in every enrolment that has it, or begin a request (b, c).

        Raises:
            InvalidValueError: what is wrong with the value.
            NotFoundError: `change.not_found`, `change.no_field`.
            ConflictError: `change.same` (`value`, masked), `change.pending` (`number`), `change.in_review`.
            services.blacklist.BarredError: see `filing.ensure_may_ask`.
        """
        rows = await self.changes.enrolments_of(follower_id, CHANGEABLE, for_update=True)
        enrolment = next((row for row in rows if row.id == enrolment_id), None)
        if enrolment is None:
            raise NotFoundError("change.not_found")
        field, kind = filing.find_field(self.work, enrolment, field_key)
        values = filing.new_value(self.work, enrolment, field, typed)
        if kind != "a":
            for begun in await filing.ensure_may_ask(self.work, enrolment, field, values[1]):
                begun.state, begun.closed_at = ChangeState.WITHDRAWN, self.work.now
            request = filing.make(
                self.work, enrolment, field, kind, values, state=ChangeState.DRAFT, filed_by="applicant"
            )
            return Outcome(field=field, applied=False, shown=shown(field, values[1]), request_id=request.id)
        also = [row for row in rows if row.id != enrolment.id and self._has_too(row, enrolment, field_key)]
        for row in (enrolment, *also):
            await self._apply_at_once(row, field_key, values[1], actor)
        return Outcome(
            field=field,
            applied=True,
            shown=shown(field, values[1]),
            request_id=None,
            also=tuple(self.work.scheme(row.scheme_ref).short_title for row in also),
        )

    async def begun(self, follower_id: UUID) -> Begun | None:
        """The newest request that was begun and not handed in, and can be."""
        rows = await self.changes.of_follower(follower_id, states=(ChangeState.DRAFT,), limit=1)
        for request, enrolment, _ in rows:
            if request.created_at >= self.work.now - _BEGUN_LASTS and is_open(self.work, enrolment):
                return Begun(
                    line=views.line(self.work, request, enrolment),
                    reason=request.reason,
                    proofs=await AttachmentRepository(self.work.session).count(request_id=request.id),
                )
        return None

    async def prove_begun(self, follower_id: UUID, media_id: str, *, account: str) -> Begun | None:
        """Take a picture that came by itself as a proof of what was begun; None where there is nothing. Raises as `prove`.

        Call it with the follower's lock held, as every message is answered.
        """
        if (left := await self.begun(follower_id)) is None:
            return None
        await attachments.request_picture(
            self.work, "proof", media_id, account=account, before=left.proofs, request_id=left.line.id
        )
        return replace(left, proofs=min(left.proofs + 1, MOST))

    async def drop(self, follower_id: UUID, request_id: UUID) -> None:
        """Give a begun request up. Raises NotFoundError, ConflictError `change.over`."""
        request, _ = filing.own(await self.changes.find(request_id, for_update=True), follower_id)
        self._ensure_begun(request.state)
        request.state, request.closed_at = ChangeState.WITHDRAWN, self.work.now

    async def explain(self, follower_id: UUID, request_id: UUID, reason: str) -> int:
        """Keep why it is to be changed; gives how many proofs there are.

        Raises InvalidValueError `words.…`, `words.short` (`minimum`) for what says nothing.
        """
        request, _ = filing.own(await self.changes.find(request_id, for_update=True), follower_id)
        self._ensure_begun(request.state)
        request.reason = plain_words.explanation(reason, most=filing.LONGEST_REASON, label="变更原因")
        return await AttachmentRepository(self.work.session).count(request_id=request.id)

    async def prove(self, follower_id: UUID, request_id: UUID, media_id: str, *, account: str) -> int:
        """Take a picture as a proof; gives how many there are. Raises ServiceError `attachment.too_many`."""
        request, _ = filing.own(await self.changes.find(request_id, for_update=True), follower_id)
        if request.state not in (ChangeState.DRAFT, ChangeState.PENDING):
            raise ConflictError("change.over")
        before = await AttachmentRepository(self.work.session).count(request_id=request.id)
        await attachments.request_picture(
            self.work, "proof", media_id, account=account, before=before, request_id=request.id
        )
        return min(before + 1, MOST)

    async def file(self, follower_id: UUID, request_id: UUID, *, actor: Actor) -> ChangeLine:
        """Hand a begun request to its first stage.

        Raises:
            ServiceError: `change.no_reason`, `change.no_proof`.
            ConflictError: `change.over`, `change.pending`; as `filing.ensure_changeable`.
            services.organisations.NobodyResponsibleError: nobody of the stage's kind; ConflictError `review.nobody` likewise.
        """
        request, enrolment = filing.own(await self.changes.find(request_id, for_update=True), follower_id)
        self._ensure_begun(request.state)
        filing.ensure_changeable(self.work, enrolment)
        if not request.reason:
            raise ServiceError("change.no_reason")
        if not await AttachmentRepository(self.work.session).count(request_id=request.id):
            raise ServiceError("change.no_proof")
        request.state, request.filed_at = ChangeState.PENDING, self.work.now
        await chain.enter(self.work, request, enrolment, 0)
        filing.record(self.work, actor, "change.filed", request, enrolment, reason=request.reason)
        stage = chain.stages_of(self.work, enrolment)[0].label
        return views.line(self.work, request, enrolment, stage=stage)

    async def list_of(self, follower_id: UUID, *, limit: int = 5) -> tuple[ChangeLine, ...]:
        """The follower's requests, the newest first, also begun ones; changes made at once are not among them."""
        rows = await self.changes.of_follower(follower_id, states=_TOLD, limit=limit)
        return tuple(
            views.line(self.work, request, enrolment, stage=stage)
            for request, enrolment, stage in rows
            if request.kind != "a"
        )

    async def pending(self, follower_id: UUID) -> tuple[ChangeLine, ...]:
        """Those that are under way."""
        rows = await self.changes.of_follower(follower_id, states=(ChangeState.PENDING,), limit=20)
        return tuple(views.line(self.work, request, row, stage=stage) for request, row, stage in rows)

    async def withdraw(self, follower_id: UUID, request_id: UUID, *, actor: Actor) -> ChangeLine:
        """Take a request back. Raises NotFoundError, ConflictError `change.over`."""
        request, enrolment = filing.own(await self.changes.find(request_id, for_update=True), follower_id)
        if request.state != ChangeState.PENDING:
            raise ConflictError("change.over")
        request.state, request.closed_at = ChangeState.WITHDRAWN, self.work.now
        for step, _ in await self.changes.steps(request.id):
            if step.decided_at is None:
                step.decided_at, step.decision = self.work.now, "withdrawn"
        filing.record(self.work, actor, "change.withdrawn", request, enrolment)
        return views.line(self.work, request, enrolment)

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _apply_at_once(self, enrolment: Enrolment, key: str, value: str, actor: Actor) -> None:
        field = self.work.scheme(enrolment.scheme_ref).field(key)
        old = plain_answers(self.work, enrolment).get(key, "")
        await apply(self.work, enrolment, field, value)
        request = filing.make(
            self.work,
            enrolment,
            field,
            "a",
            (old, value),
            state=ChangeState.APPROVED,
            filed_by="applicant",
        )
        filing.record(self.work, actor, "change.made", request, enrolment)

    def _has_too(self, row: Enrolment, enrolment: Enrolment, key: str) -> bool:
        """The same person's, with a field of the same meaning that is theirs to change."""
        scheme, here = self.work.scheme(row.scheme_ref), self.work.scheme(enrolment.scheme_ref).field(key)
        if row.person_id != enrolment.person_id or not scheme.has_field(key) or key not in row.answers:
            return False
        if key not in {field.key for field, _ in fields_of(self.work, row)}:
            return False
        there = scheme.field(key)
        return there.kind is here.kind and there.options == here.options and change_kind(there) == "a"

    def _changeable(self, row: Enrolment) -> Changeable:
        return Changeable(
            enrolment_id=row.id,
            number=row.number,
            scheme=self.work.scheme(row.scheme_ref),
            fields=fields_of(self.work, row),
            limited=None if is_open(self.work, row) else EnrolmentState(row.state),
            answers=plain_answers(self.work, row),
        )

    @staticmethod
    def _ensure_begun(state: str) -> None:
        if state != ChangeState.DRAFT:
            raise ConflictError("change.over")
