"""Review 审核: what staff see of an enrolment and decide about it. Every look at full data is logged."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from uuid import UUID

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.answers import plain_answers
from services.authorisation.standing import ensure_authorised
from services.enrolments import effects
from services.enrolments.views import (
    ConsentView,
    EnrolmentDetail,
    EnrolmentLine,
    FieldView,
    HistoryLine,
    QueuePage,
    document_views,
    name_in,
)
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.payments.service import PaymentService
from services.printing.checking import check_forms
from services.rules import masking
from services.rules.answers import shown
from services.rules.localtime import local_datetime
from services.rules.review_chain import stages
from services.schemes.models import FieldKind, Scheme
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.enrolments import EnrolmentRepository, QueueFilter
from storage.states import DocumentState, EnrolmentState
from storage.tables import Enrolment

#: What waits for staff: the queue's default.
WAITING = frozenset({EnrolmentState.IN_REVIEW.value})
_LONGEST_REASON = 200


class ReviewService:
    """What staff do with submitted enrolments of their organisation (B9)."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.enrolments = EnrolmentRepository(work.session)

    async def queue(
        self,
        actor: Actor,
        *,
        states: frozenset[str] = WAITING,
        scheme_id: str | None = None,
        query: str = "",
        class_id: UUID | None = None,
        page: int = 1,
        per_page: int = 50,
    ) -> QueuePage:
        """Submitted enrolments, the longest waiting first. `query` is part of a name or the start of a number."""
        wanted = QueueFilter(
            organisation_id=visible_organisation(actor),
            states=states,
            scheme_id=scheme_id,
            query=query.strip()[:40],
            class_id=class_id,
        )
        offset = (max(page, 1) - 1) * per_page
        total, rows = await self.enrolments.page(wanted, offset=offset, limit=per_page)
        items = tuple(self._line(enrolment, person.name) for enrolment, person in rows)
        return QueuePage(items=items, total=total, page=max(page, 1), pages=max(1, -(-total // per_page)))

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The enrolment of this running number. Raises NotFoundError."""
        enrolment = await self.enrolments.find_by_number(number)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found", number=number)
        ensure_reader(actor, enrolment.organisation_id)
        return enrolment.id

    async def show(self, actor: Actor, enrolment_id: UUID) -> EnrolmentDetail:
        """One enrolment with its answers (masked), documents, consents and history."""
        enrolment = await self._readable(actor, enrolment_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        answers = plain_answers(self.work, enrolment)
        chain = stages(scheme, answers)
        documents = await self.enrolments.documents(enrolment.id)
        forms = check_forms(scheme, answers, documents, enrolment.id)
        audit.record_enrolment(self.work, actor, "enrolment.viewed", enrolment)
        return EnrolmentDetail(
            id=enrolment.id,
            number=enrolment.number,
            scheme=scheme,
            state=EnrolmentState(enrolment.state),
            stage=chain[min(enrolment.stage, len(chain) - 1)].label,
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

    async def approve(
        self, actor: Actor, enrolment_id: UUID, *, revision: int | None = None
    ) -> EnrolmentState:
        """Pass it to the next stage, or admit the applicant after the last. Raises ConflictError, NotAuthorisedError."""
        enrolment = await self._decidable(actor, enrolment_id, revision)
        scheme = self.work.scheme(enrolment.scheme_ref)
        await ensure_authorised(self.work, enrolment.organisation_id, scheme, Act.ADMIT)
        before = {"state": enrolment.state, "stage": enrolment.stage}
        chain = stages(scheme, plain_answers(self.work, enrolment))
        await effects.carry_out(self.work, actor, enrolment, scheme, chain[enrolment.stage])
        if enrolment.stage + 1 < len(chain):
            enrolment.stage += 1
        else:
            await self._admit(enrolment, scheme)
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.approved",
            enrolment,
            before=before,
            after={"state": enrolment.state, "stage": enrolment.stage},
        )
        return EnrolmentState(enrolment.state)

    async def deciding(self, actor: Actor, enrolment_id: UUID, *, revision: int | None = None) -> Enrolment:
        """The enrolment, locked, whose stage this officer decides now. Raises as `approve`."""
        return await self._decidable(actor, enrolment_id, revision)

    async def return_for_correction(
        self,
        actor: Actor,
        enrolment_id: UUID,
        reasons: Mapping[str, str],
        *,
        revision: int | None = None,
        files: Mapping[str, Collection[int]] = MappingProxyType({}),
    ) -> None:
        """Send it back with a reason for each field or material; only these open again in the chat.

        Of a material of several pictures `files` says which are refused, by their places; all, where it says nothing.

        Raises:
            ServiceError: `review.no_reason`, `review.unknown_item` (`key`), `review.reason_too_long`.
            ConflictError: not in review, or changed in the meantime.
        """
        enrolment = await self._decidable(actor, enrolment_id, revision)
        scheme = self.work.scheme(enrolment.scheme_ref)
        given = {key: reason.strip() for key, reason in reasons.items()}
        labels = {
            **{field.key: field.label for field in scheme.fields if field.asked},
            **{material.key: material.label for material in scheme.materials},
        }
        if not given or not all(given.values()):
            raise ServiceError("review.no_reason")
        for key, reason in given.items():
            if key not in labels:
                raise ServiceError("review.unknown_item", key=key)
            if len(reason) > _LONGEST_REASON:
                raise ServiceError("review.reason_too_long", limit=_LONGEST_REASON)
        for document in await self.enrolments.documents(enrolment.id):
            meant = files.get(document.material_key) or (document.ordinal,)
            if document.material_key in given and document.ordinal in meant:
                document.state = DocumentState.REFUSED
                document.refusal = {"code": "staff", "facts": {"reason": given[document.material_key]}}
        enrolment.state, enrolment.returned, enrolment.reopened = EnrolmentState.RETURNED, given, list(given)
        enrolment.decided_at = self.work.now
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.returned",
            enrolment,
            before={"state": EnrolmentState.IN_REVIEW},
            after={"state": EnrolmentState.RETURNED, "items": given},
        )
        listed = "\n".join(f"· {labels[key]}：{reason}" for key, reason in given.items())
        await self._tell(enrolment, scheme, "returned", reasons=listed, hint="回复 修改 逐项补正")

    async def reject(
        self, actor: Actor, enrolment_id: UUID, reason: str, *, revision: int | None = None
    ) -> None:
        """Refuse it for good, with a reason that the applicant reads. Raises ServiceError, ConflictError."""
        enrolment = await self._decidable(actor, enrolment_id, revision)
        if not reason.strip():
            raise ServiceError("review.no_reason")
        if len(reason) > _LONGEST_REASON:
            raise ServiceError("review.reason_too_long", limit=_LONGEST_REASON)
        enrolment.state, enrolment.decided_at = EnrolmentState.REJECTED, self.work.now
        enrolment.decision_reason = reason.strip()
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.rejected",
            enrolment,
            before={"state": EnrolmentState.IN_REVIEW},
            after={"state": EnrolmentState.REJECTED},
            reason=reason.strip(),
        )
        scheme = self.work.scheme(enrolment.scheme_ref)
        await self._tell(enrolment, scheme, "rejected", reason=reason.strip(), hint="有疑问请回复 人工")

    async def _admit(self, enrolment: Enrolment, scheme: Scheme) -> None:
        enrolment.state, enrolment.decided_at = EnrolmentState.ADMITTED, self.work.now
        enrolment.returned, enrolment.reopened = {}, []
        for document in await self.enrolments.documents(enrolment.id):
            document.state = DocumentState.ACCEPTED
        if effects.concludes(scheme):
            enrolment.state = EnrolmentState.CONCLUDED
            return
        payments = PaymentService(self.work)
        await payments.open_for(enrolment)
        # The account for a class is in its notice: it is chosen first (A7).
        class_first = enrolment.class_id is None and await payments.outstanding(enrolment.id, "class")
        following, hint = (
            ("先回复 学时 选择培训班，再回复 缴费 查看费用和收款账号。", "回复 学时 选择培训班")
            if class_first
            else ("回复 缴费 查看费用和收款账号。", "回复 缴费 查看费用")
        )
        await self._tell(enrolment, scheme, "admitted", next=following, hint=hint)

    async def _tell(self, enrolment: Enrolment, scheme: Scheme, notice: str, **facts: str) -> None:
        await NoticeService(self.work).send(
            enrolment.follower_id,
            notice,
            cause=f"{enrolment.id}:{enrolment.revision}",
            facts={
                "scheme": scheme.short_title,
                "number": enrolment.number,
                "time": local_datetime(self.work.now),
                **facts,
            },
            enrolment_id=enrolment.id,
        )

    async def _readable(self, actor: Actor, enrolment_id: UUID) -> Enrolment:
        enrolment = await self.enrolments.find(enrolment_id)
        if enrolment is None or enrolment.person_id is None:
            raise NotFoundError("enrolment.not_found")
        ensure_reader(actor, enrolment.organisation_id)
        return enrolment

    async def _decidable(self, actor: Actor, enrolment_id: UUID, revision: int | None) -> Enrolment:
        enrolment = await self.enrolments.find(enrolment_id, for_update=True)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        ensure_officer(actor, enrolment.organisation_id)
        if enrolment.state != EnrolmentState.IN_REVIEW:
            raise ConflictError("enrolment.not_in_review", state=enrolment.state)
        if revision is not None and revision != enrolment.revision:
            raise ConflictError("enrolment.changed")
        return enrolment

    def _line(self, enrolment: Enrolment, name: str) -> EnrolmentLine:
        scheme = self.work.scheme(enrolment.scheme_ref)
        answers = plain_answers(self.work, enrolment)
        number, mobile = (
            next((answers.get(field.key, "") for field in scheme.fields if field.kind is kind), "")
            for kind in (FieldKind.IDENTITY_NUMBER, FieldKind.MOBILE)
        )
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
        )
