"""Requests before the staff: the queue, stage by stage, and filing for somebody (E8, B9)."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services import attachments
from services.access import ensure_another, ensure_officer, visible_organisation
from services.answers import plain_answers
from services.cards.copies import follow_change
from services.certificates.replacing import outdated_of
from services.changes import chain, filing, sealing, telling, views
from services.changes.applying import apply
from services.changes.effects import after_change
from services.changes.models import Askable, ChangeDetail, ChangeLine, ChangePage, StepView
from services.changes.opening import fields_of
from services.enrolments.restricted import ensure_opened
from services.enrolments.views import name_in
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, ChangeState, StaffRole
from services.rules import plain_words
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.repositories.changes import ChangeFilter, ChangeRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import ChangeRequest, ChangeStep, Enrolment


class ChangeDesk:
    """What staff do with changes: those whose stage is their organisation's, and of their own people."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.changes = ChangeRepository(work.session)

    async def queue(
        self,
        actor: Actor,
        *,
        waiting: bool = True,
        state: str | None = None,
        page: int = 1,
        per_page: int = 25,
    ) -> ChangePage:
        """What waits for the actor's organisation, the longest waiting first; else all that it may see."""
        page = max(page, 1)
        wanted = ChangeFilter(
            organisation_id=visible_organisation(actor),
            waiting=waiting,
            state=None if waiting else state,
            named_chains=frozenset(
                scheme.id for scheme in self.work.tools.schemes.values() if scheme.changes is not None
            ),
        )
        total, rows = await self.changes.page(wanted, offset=(page - 1) * per_page, limit=per_page)
        items = tuple([await self._line(request, enrolment) for request, enrolment in rows])
        return ChangePage(items=items, total=total, page=page, pages=max(1, -(-total // per_page)))

    async def of_enrolment(self, enrolment_id: UUID) -> tuple[ChangeLine, ...]:
        """Everything that was filed for an enrolment; the caller has checked who asks."""
        enrolment = await EnrolmentRepository(self.work.session).get(enrolment_id)
        return tuple(
            [
                await self._line(request, enrolment)
                for request in await self.changes.of_enrolment(enrolment_id)
            ]
        )

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The request of this running number. Raises NotFoundError."""
        request = await self.changes.find_by_number(number)
        if request is None:
            raise NotFoundError("change.not_found")
        await self._readable(actor, request.id)
        return request.id

    async def show(self, actor: Actor, request_id: UUID) -> ChangeDetail:
        """One request; the look is logged. Raises NotFoundError."""
        request, enrolment, steps = await self._readable(actor, request_id)
        field = self.work.scheme(enrolment.scheme_ref).field(request.field_key)
        filing.record(self.work, actor, "change.viewed", request, enrolment)
        files = await AttachmentRepository(self.work.session).list_(request_id=request.id)
        return ChangeDetail(
            line=await self._line(request, enrolment),
            sensitive=field.sensitive,
            reason=request.reason,
            filed_by=request.filed_by_name,
            steps=tuple(
                StepView(
                    label=step.label,
                    organisation=name,
                    entered_at=step.entered_at,
                    decided_at=step.decided_at,
                    decision=step.decision,
                    reason=step.reason,
                    decided_by=step.decided_by_name,
                )
                for step, name in steps
            ),
            proofs=tuple(attachments.view(row) for row in files),
            may_decide=any(
                step.decided_at is None and step.organisation_id == actor.organisation_id for step, _ in steps
            )
            and actor.role is not StaffRole.VIEWER
            and request.filed_by != actor.id,
            outdated=tuple(
                (certificate.id, certificate.number)
                for certificate in await outdated_of(self.work, enrolment)
                if request.state == ChangeState.APPROVED
            ),
        )

    async def reveal(self, actor: Actor, request_id: UUID) -> tuple[str, str]:
        """Old and new value in full; the look is logged. Raises NotFoundError."""
        request, enrolment, _ = await self._readable(actor, request_id)
        filing.record(self.work, actor, "change.revealed", request, enrolment)
        return sealing.old_of(self.work, request), sealing.new_of(self.work, request)

    async def file_for(
        self,
        actor: Actor,
        enrolment_id: UUID,
        field_key: str,
        typed: str,
        *,
        reason: str,
        files: tuple[tuple[str, bytes], ...],
    ) -> ChangeLine:
        """File a request for somebody, as a laboratory does for its people, or from a paper (E8: b and c).

        Raises:
            InvalidValueError: the value, or `words.…` of the reason.
            ServiceError: `change.own_data` for what the person changes alone, `change.no_proof`, and as
                `attachments.add_file`.
            ConflictError: as `filing.ensure_changeable`, `change.same`, `change.pending`.
            NotFoundError, ForbiddenError: another organisation's person, or a reader.
        """
        enrolment = await self._fileable(actor, enrolment_id, for_update=True)
        filing.ensure_changeable(self.work, enrolment)
        field, kind = filing.find_field(self.work, enrolment, field_key)
        filing.ensure_is_asked(kind)
        values = filing.new_value(self.work, enrolment, field, typed)
        if not files:
            raise ServiceError("change.no_proof")
        for begun in await filing.ensure_may_ask(self.work, enrolment, field, values[1]):
            begun.state, begun.closed_at = ChangeState.WITHDRAWN, self.work.now
        request = filing.make(
            self.work,
            enrolment,
            field,
            kind,
            values,
            state=ChangeState.PENDING,
            filed_by=actor.id,
            filed_by_name=actor.name,
            reason=plain_words.reason(reason, most=filing.LONGEST_REASON, label="变更原因"),
        )
        try:
            await self.work.session.flush()
        except IntegrityError as error:
            raise ConflictError("change.pending") from error
        for filename, content in files:
            await attachments.add_file(
                self.work, "proof", filename, content, added_by=actor.name, request_id=request.id
            )
        await chain.enter(self.work, request, enrolment, 0)
        filing.record(self.work, actor, "change.filed", request, enrolment, reason=request.reason)
        await telling.filed(self.work, request, enrolment)
        return await self._line(request, enrolment)

    async def askable(self, actor: Actor, enrolment_id: UUID) -> Askable:
        """What staff of this organisation may file for somebody; no value is in it. Raises NotFoundError, ForbiddenError."""
        enrolment = await self._fileable(actor, enrolment_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        return Askable(
            enrolment_id=enrolment.id,
            number=enrolment.number,
            scheme=scheme.short_title,
            name=name_in(scheme, plain_answers(self.work, enrolment)),
            fields=tuple(pair for pair in fields_of(self.work, enrolment) if pair[1] != "a"),
        )

    async def may_ask(self, actor: Actor, enrolment_id: UUID) -> bool:
        """Whether `askable` is open to this actor."""
        try:
            await self._fileable(actor, enrolment_id)
        except (NotFoundError, ForbiddenError):
            return False
        return True

    async def find_enrolment(self, actor: Actor, number: int) -> UUID:
        """The enrolment of this running number, for whoever may file for it. Raises NotFoundError, ForbiddenError."""
        enrolment = await EnrolmentRepository(self.work.session).find_by_number(number)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        return (await self._fileable(actor, enrolment.id)).id

    async def approve(self, actor: Actor, request_id: UUID, note: str = "") -> ChangeLine:
        """Pass it to the next stage; after the last the data are changed, and the person is told.

        Raises:
            NotFoundError, ForbiddenError: not the actor's stage, or a reader; `change.same_person` as who filed it.
            ConflictError: `change.over`; `change.outdated` when the answer is no more what the request says it was;
                `change.running`; as `filing.ensure_changeable`. services.blacklist.BarredError: see `applying.apply`.
            InvalidValueError: `words.…` of the note.
        """
        request, enrolment, step = await self._decidable(actor, request_id)
        filing.ensure_changeable(self.work, enrolment)
        field = self.work.scheme(enrolment.scheme_ref).field(request.field_key)
        if plain_answers(self.work, enrolment).get(field.key, "") != sealing.old_of(self.work, request):
            raise ConflictError("change.outdated")
        said = plain_words.reason(note, most=filing.LONGEST_REASON, label="意见") if note.strip() else ""
        self._decide(actor, step, "approved", said)
        last = step.stage + 1 >= len(chain.stages_of(self.work, enrolment))
        if not last:
            await chain.enter(self.work, request, enrolment, step.stage + 1)
            filing.record(self.work, actor, "change.passed_on", request, enrolment, reason=said)
            return await self._line(request, enrolment)
        value = sealing.new_of(self.work, request)
        await apply(self.work, enrolment, field, value)
        await after_change(self.work, actor, enrolment, field, value, request.reason)
        request.state, request.closed_at = ChangeState.APPROVED, self.work.now
        filing.record(self.work, actor, "change.approved", request, enrolment, reason=said)
        await self.work.session.flush()
        card_with = await follow_change(self.work, actor, enrolment, f"{field.label}已变更")
        outdated = await outdated_of(self.work, enrolment)
        await telling.approved(self.work, request, enrolment, outdated, card_with=card_with)
        return await self._line(request, enrolment)

    async def refuse(self, actor: Actor, request_id: UUID, reason: str) -> ChangeLine:
        """Nothing is changed; the person reads why. Raises as `approve`."""
        request, enrolment, step = await self._decidable(actor, request_id)
        why = plain_words.reason(reason, most=filing.LONGEST_REASON, label="不同意的原因")
        self._decide(actor, step, "refused", why)
        request.state, request.closed_at = ChangeState.REFUSED, self.work.now
        filing.record(self.work, actor, "change.refused", request, enrolment, reason=why)
        await telling.refused(self.work, request, enrolment, why)
        return await self._line(request, enrolment)

    async def file(self, actor: Actor, attachment_id: UUID) -> tuple[bytes, str, str]:
        """Content, media type and title of a proof; the look is logged. Raises NotFoundError."""
        row = await AttachmentRepository(self.work.session).find(attachment_id)
        if row is None or row.change_request_id is None:
            raise NotFoundError("attachment.not_found")
        request, enrolment, _ = await self._readable(actor, row.change_request_id)
        filing.record(self.work, actor, "change.file_viewed", request, enrolment)
        return await attachments.content_of(self.work, row)

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _fileable(self, actor: Actor, enrolment_id: UUID, *, for_update: bool = False) -> Enrolment:
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id, for_update=for_update)
        if enrolment is None or enrolment.person_id is None:
            raise NotFoundError("enrolment.not_found")
        own = visible_organisation(actor)
        if own is not None and not await chain.may_file(self.work, enrolment, own):
            raise NotFoundError("enrolment.not_found")
        ensure_officer(actor, own or enrolment.organisation_id)
        return enrolment

    async def _readable(
        self, actor: Actor, request_id: UUID, *, for_update: bool = False
    ) -> tuple[ChangeRequest, Enrolment, list[tuple[ChangeStep, str]]]:
        found = await self.changes.find(request_id, for_update=for_update)
        if found is None or found[0].filed_at is None:
            raise NotFoundError("change.not_found")
        request, enrolment = found
        steps = list(await self.changes.steps(request.id))
        own = visible_organisation(actor)
        theirs = own in (None, enrolment.organisation_id, *(step.organisation_id for step, _ in steps))
        if not theirs and own is not None and not await chain.may_see(self.work, enrolment, own):
            raise NotFoundError("change.not_found")
        if request.state != ChangeState.PENDING:
            await ensure_opened(self.work, actor, enrolment)
        return request, enrolment, steps

    async def _decidable(self, actor: Actor, request_id: UUID) -> tuple[ChangeRequest, Enrolment, ChangeStep]:
        request, enrolment, steps = await self._readable(actor, request_id, for_update=True)
        open_step = next((step for step, _ in steps if step.decided_at is None), None)
        if request.state != ChangeState.PENDING or open_step is None:
            raise ConflictError("change.over")
        ensure_officer(actor, open_step.organisation_id)
        ensure_another(actor, request.filed_by, "change.same_person")
        return request, enrolment, open_step

    def _decide(self, actor: Actor, step: ChangeStep, decision: str, reason: str) -> None:
        step.decided_at, step.decision, step.reason = self.work.now, decision, reason
        step.decided_by_name = actor.name

    async def _line(self, request: ChangeRequest, enrolment: Enrolment) -> ChangeLine:
        await self.work.session.flush()
        steps = await self.changes.steps(request.id)
        return views.line(
            self.work,
            request,
            enrolment,
            stage=next((step.label for step, _ in steps if step.decided_at is None), ""),
            refusal=next((step.reason for step, _ in steps if step.decision == "refused"), ""),
        )
