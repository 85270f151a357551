"""Review 审核: what staff see of an enrolment and decide about it. Every look at full data is logged."""

from collections.abc import Collection
from uuid import UUID

from services import audit
from services.access import visible_organisation
from services.answers import plain_answers
from services.enrolments.forwarding import Forwarding
from services.enrolments.restricted import ensure_opened
from services.enrolments.views import (
    ConsentView,
    EnrolmentDetail,
    EnrolmentLine,
    FieldView,
    HistoryLine,
    QueuePage,
    StageView,
    document_views,
    name_in,
)
from services.errors import NotFoundError
from services.models import Actor, StaffRole
from services.printing.checking import check_forms
from services.rules import masking, tables
from services.rules.answers import shown
from services.schemes.models import FieldKind
from storage.repositories.enrolments import QueueFilter, QueueScope
from storage.repositories.organisations import OrganisationRepository
from storage.states import EnrolmentState
from storage.tables import Enrolment, Organisation, StageRecord

__all__ = ["WAITING", "QueueScope", "ReviewService", "default_scope"]

#: What waits for staff: the queue's default.
WAITING = frozenset({EnrolmentState.IN_REVIEW.value})


def default_scope(states: Collection[str]) -> QueueScope:
    """What waits at one's own stage when only what waits is asked for, else all that one may see."""
    return QueueScope.HERE if frozenset(states) == WAITING else QueueScope.ALL


class ReviewService(Forwarding):
    """What staff do with submitted enrolments that they may see (B9): look here, decide as `Deciding` says."""

    async def queue(
        self,
        actor: Actor,
        *,
        states: frozenset[str] = WAITING,
        scope: QueueScope | None = None,
        scheme_id: str | None = None,
        query: str = "",
        class_id: UUID | None = None,
        page: int = 1,
        per_page: int = 50,
    ) -> QueuePage:
        """Submitted enrolments, the longest waiting first. `query` is part of a name or the start of a number.

        Without a `scope`: what waits at the actor's own stage when only what waits is asked for, else all they may see.
        """
        wanted = QueueFilter(
            organisation_id=visible_organisation(actor),
            now=self.work.now,
            scope=scope or default_scope(states),
            states=states,
            scheme_id=scheme_id,
            query=query.strip()[:40],
            class_id=class_id,
        )
        offset = (max(page, 1) - 1) * per_page
        total, rows = await self.enrolments.page(wanted, offset=offset, limit=per_page)
        present = await self.stages.records.present_of([enrolment.id for enrolment, _ in rows])
        names = await OrganisationRepository(self.work.session).names(
            {enrolment.organisation_id for enrolment, _ in rows}
        )
        items = tuple(
            self._line(enrolment, person.name, names[enrolment.organisation_id], present.get(enrolment.id))
            for enrolment, person in rows
        )
        return QueuePage(items=items, total=total, page=max(page, 1), pages=max(1, -(-total // per_page)))

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The enrolment of this running number. Raises NotFoundError."""
        enrolment = await self.enrolments.find_by_number(number)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found", number=number)
        await self.stages.ensure_reader(actor, enrolment)
        return enrolment.id

    async def number_of(self, actor: Actor, enrolment_id: UUID) -> int:
        """The running number, which is all that is said of a restricted one. Raises NotFoundError."""
        enrolment = await self.enrolments.find(enrolment_id)
        if enrolment is None or enrolment.person_id is None:
            raise NotFoundError("enrolment.not_found")
        await self.stages.ensure_reader(actor, enrolment)
        return enrolment.number

    async def show(self, actor: Actor, enrolment_id: UUID) -> EnrolmentDetail:
        """One enrolment with its answers (masked), documents, consents and history."""
        enrolment = await self._readable(actor, enrolment_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        answers = plain_answers(self.work, enrolment)
        chain = await self.stages.views(enrolment)
        home = await OrganisationRepository(self.work.session).names([enrolment.organisation_id])
        present = next((stage for stage in chain if stage.round and stage.decision is None), None)
        documents = await self.enrolments.documents(enrolment.id)
        forms = check_forms(scheme, answers, documents, enrolment.id)
        audit.record_enrolment(self.work, actor, "enrolment.viewed", enrolment)
        return EnrolmentDetail(
            id=enrolment.id,
            number=enrolment.number,
            scheme=scheme,
            state=EnrolmentState(enrolment.state),
            organisation=home[enrolment.organisation_id],
            stage=present.label if present else "",
            present=present,
            chain=chain,
            may_decide=present is not None and _decides(actor, present),
            attempt=enrolment.attempt,
            revision=enrolment.revision,
            name=name_in(scheme, answers),
            submitted_at=enrolment.submitted_at,
            decision_reason=enrolment.decision_reason,
            fields=tuple(
                FieldView(
                    key=field.key,
                    label=field.label,
                    value=shown(field, answers[field.key]),
                    sensitive=field.sensitive,
                    returned_reason=enrolment.returned.get(field.key, ""),
                    columns=tuple(column.label for column in field.columns),
                    rows=tables.rows_of(field, answers[field.key]) if field.columns else (),
                )
                for field in scheme.fields
                if field.key in answers and (field.when is None or field.when.holds(answers))
            ),
            documents=document_views(scheme, documents, enrolment.returned, forms),
            consents=tuple(
                ConsentView(title=text.title, text=text.text, sha256=text.sha256, agreed_at=consent.agreed_at)
                for consent, text in await self.enrolments.consents(enrolment.id)
            ),
            history=tuple(
                HistoryLine(
                    at=entry.at,
                    actor=entry.actor_name,
                    actor_kind=entry.actor_kind,
                    action=entry.action,
                    reason=entry.reason,
                    before=entry.before,
                    after=entry.after,
                )
                for entry in await self.enrolments.history(enrolment.id)
            ),
        )

    async def reveal(self, actor: Actor, enrolment_id: UUID, field_key: str) -> str:
        """A sensitive answer in full; the look is logged."""
        enrolment = await self._readable(actor, enrolment_id)
        answers = plain_answers(self.work, enrolment)
        if field_key not in answers:
            raise NotFoundError("enrolment.no_such_field", key=field_key)
        audit.record_enrolment(self.work, actor, "enrolment.revealed", enrolment, after={"field": field_key})
        return answers[field_key]

    async def picture(self, actor: Actor, document_id: UUID) -> tuple[bytes, str]:
        """A document's picture and its media type; the look is logged."""
        document = await self.enrolments.find_document(document_id)
        if document is None or document.file_key is None or document.media_type is None:
            raise NotFoundError("document.not_found")
        enrolment = await self._readable(actor, document.enrolment_id)
        audit.record_enrolment(
            self.work, actor, "document.viewed", enrolment, after={"material": document.material_key}
        )
        return await self.work.tools.files.get(document.file_key), document.media_type

    async def _readable(self, actor: Actor, enrolment_id: UUID) -> Enrolment:
        enrolment = await self.enrolments.find(enrolment_id)
        if enrolment is None or enrolment.person_id is None:
            raise NotFoundError("enrolment.not_found")
        await self.stages.ensure_reader(actor, enrolment)
        await ensure_opened(self.work, actor, enrolment)
        return enrolment

    def _line(
        self,
        enrolment: Enrolment,
        name: str,
        home: str,
        present: tuple[StageRecord, Organisation] | None,
    ) -> EnrolmentLine:
        scheme = self.work.scheme(enrolment.scheme_ref)
        answers = plain_answers(self.work, enrolment)
        number, mobile = (
            next((answers.get(field.key, "") for field in scheme.fields if field.kind is kind), "")
            for kind in (FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE)
        )
        due_at = present[0].due_at if present else None
        return EnrolmentLine(
            id=enrolment.id,
            number=enrolment.number,
            scheme_id=scheme.id,
            scheme=scheme.short_title,
            name=name_in(scheme, answers) or name,
            identity_masked=masking.identity_number(number) if number else "",
            mobile_masked=masking.mobile(mobile) if mobile else "",
            state=EnrolmentState(enrolment.state),
            attempt=enrolment.attempt,
            submitted_at=enrolment.submitted_at,
            organisation=home,
            stage=self.stages.label(enrolment, present[0].key) if present else "",
            waits_at=present[1].name if present else "",
            due_at=due_at,
            overdue=due_at is not None and due_at < self.work.now,
        )


def _decides(actor: Actor, present: StageView) -> bool:
    """Whether this actor's organisation decides the present stage, and they may."""
    return (
        visible_organisation(actor) in (None, present.organisation_id) and actor.role is not StaffRole.VIEWER
    )
