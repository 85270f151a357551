"""Deciding about an enrolment in review: approve, return, reject. Only the present stage's organisation may."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from uuid import UUID

from services import audit
from services.authorisation.standing import ensure_authorised
from services.enrolments import effects
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.organisations import NobodyResponsibleError, responsible
from services.payments.service import PaymentService
from services.printing import outdated_forms
from services.rules.localtime import local_datetime
from services.schemes.models import Scheme
from services.schemes.standing import change_kind
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.organisations import OrganisationRepository
from storage.review_states import StageDecision
from storage.states import DocumentState, EnrolmentState, OrganisationStatus
from storage.tables import Enrolment, StageRecord

_LONGEST_REASON = 200


class Deciding:
    """What the organisation does before which an enrolment waits."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.enrolments = EnrolmentRepository(work.session)
        self.stages = Stages(work)

    async def approve(
        self, actor: Actor, enrolment_id: UUID, *, revision: int | None = None, note: str = ""
    ) -> EnrolmentState:
        """Pass it to the next stage, or admit the applicant after the last; later stages read the `note`.

        Raises:
            NotFoundError, ForbiddenError, ConflictError: as `Stages.ensure_decider`; `enrolment.changed`; what the stage
                carries out cannot be done; `review.nobody`, nobody is there for the next stage; `review.stopped`
                (`organisation`), who decides is suspended or has ended; `review.form_outdated` (`form`, `items`), a paper
                says something else than the answers (E3, E5).
            ServiceError: `review.reason_too_long`. NotAuthorisedError: the organisation may not admit (C3).
        """
        enrolment, record = await self._present(actor, enrolment_id, revision)
        scheme = self.work.scheme(enrolment.scheme_ref)
        await ensure_authorised(self.work, enrolment.organisation_id, scheme, Act.ADMIT)
        opinion = note.strip()
        ensure_length(opinion)
        before = {"state": enrolment.state, "stage": record.key}
        await self._ensure_papers_hold(enrolment, scheme, record)
        await effects.carry_out(
            self.work, actor, enrolment, scheme, self.stages.chain(enrolment)[record.index]
        )
        await self._ensure_goes_on(record)
        self.stages.decide(record, actor, StageDecision.APPROVED, reason=opinion)
        await self.work.session.flush()
        following = await self.stages.advance(enrolment, record)
        if following is None:
            await self._admit(enrolment, scheme, record)
        else:
            await self._tell_passed_on(enrolment, scheme, record, following)
        after = {"state": enrolment.state, "stage": following.key if following else None}
        audit.record_enrolment(
            self.work, actor, "enrolment.approved", enrolment, before=before, after=after, reason=opinion
        )
        return EnrolmentState(enrolment.state)

    async def deciding(self, actor: Actor, enrolment_id: UUID, *, revision: int | None = None) -> Enrolment:
        """The enrolment, locked, whose stage this officer decides now. Raises as `approve`."""
        enrolment, _ = await self._present(actor, enrolment_id, revision)
        return enrolment

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
            NotFoundError, ForbiddenError, ConflictError: as `approve`; `review.appointed_already`, what the person was
                appointed upon changes as E8 says.
        """
        enrolment, record = await self._present(actor, enrolment_id, revision)
        if effects.has_appointed(self.stages.chain(enrolment), record.index):
            raise ConflictError("review.appointed_already")
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
            ensure_length(reason)
        for document in await self.enrolments.documents(enrolment.id):
            meant = files.get(document.material_key) or (document.ordinal,)
            if document.material_key in given and document.ordinal in meant:
                document.state = DocumentState.REFUSED
                document.refusal = {"code": "staff", "facts": {"reason": given[document.material_key]}}
        enrolment.state, enrolment.returned, enrolment.reopened = EnrolmentState.RETURNED, given, list(given)
        # What the organisation's place had decided is the person's to choose when staff say so.
        enrolment.settled = [key for key in enrolment.settled if key not in given]
        enrolment.decided_at = self.work.now
        self.stages.decide(record, actor, StageDecision.RETURNED, items=given)
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.returned",
            enrolment,
            before={"state": EnrolmentState.IN_REVIEW, "stage": record.key},
            after={"state": EnrolmentState.RETURNED, "items": given},
        )
        listed = "\n".join(f"· {labels[key]}：{reason}" for key, reason in given.items())
        await self._tell(enrolment, scheme, "returned", reasons=listed, hint="回复 修改 逐项补正")

    async def ensure_rejectable(
        self, actor: Actor, enrolment_id: UUID, reason: str, *, revision: int | None = None
    ) -> None:
        """What `reject` would refuse, before the second look at it. Raises as `reject`."""
        await self._refusable(actor, enrolment_id, reason, revision)

    async def _refusable(
        self, actor: Actor, enrolment_id: UUID, reason: str, revision: int | None
    ) -> tuple[Enrolment, StageRecord]:
        found = await self._present(actor, enrolment_id, revision)
        if not reason.strip():
            raise ServiceError("review.no_reason")
        ensure_length(reason)
        return found

    async def reject(
        self, actor: Actor, enrolment_id: UUID, reason: str, *, revision: int | None = None
    ) -> EnrolmentState:
        """Refuse it for good, with a reason that the applicant reads; gives the state it is in then.

        Once the person was appointed only the login is refused: the appointment stands, the matter is concluded, and the
        laboratory may ask for the login again (E6, case 2).

        Raises: ServiceError, ConflictError as `approve`.
        """
        enrolment, record = await self._refusable(actor, enrolment_id, reason, revision)
        login_only = effects.has_appointed(self.stages.chain(enrolment), record.index)
        enrolment.state = EnrolmentState.CONCLUDED if login_only else EnrolmentState.REJECTED
        enrolment.decided_at, enrolment.decision_reason = self.work.now, reason.strip()
        self.stages.decide(record, actor, StageDecision.REJECTED, reason=reason.strip())
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.login_refused" if login_only else "enrolment.rejected",
            enrolment,
            before={"state": EnrolmentState.IN_REVIEW, "stage": record.key},
            after={"state": enrolment.state},
            reason=reason.strip(),
        )
        scheme = self.work.scheme(enrolment.scheme_ref)
        if login_only:
            await effects.refuse_login(self.work, actor, enrolment, scheme, reason.strip())
        notice = "login_refused" if login_only else "rejected"
        await self._tell(enrolment, scheme, notice, reason=reason.strip(), hint="有疑问请回复 人工")
        return EnrolmentState(enrolment.state)

    async def _admit(self, enrolment: Enrolment, scheme: Scheme, last: StageRecord) -> None:
        enrolment.state, enrolment.decided_at = EnrolmentState.ADMITTED, self.work.now
        enrolment.returned, enrolment.reopened = {}, []
        enrolment.trainer_id = await self._trainer(enrolment, scheme, last)
        for document in await self.enrolments.documents(enrolment.id):
            document.state = DocumentState.ACCEPTED
        if effects.concludes(scheme):
            enrolment.state = EnrolmentState.CONCLUDED
            return
        payments = PaymentService(self.work)
        await payments.open_for(enrolment)
        # The account for a class is in its notice: it is chosen first (A7).
        class_first = enrolment.class_id is None and await payments.outstanding(enrolment.id, "class")
        if class_first:
            following, hint = (
                "先回复 学时 选择培训班，再回复 缴费 查看费用和收款账号。",
                "回复 学时 选择培训班",
            )
        elif scheme.fees or enrolment.class_id is not None:
            following, hint = "回复 缴费 查看费用和收款账号。", "回复 缴费 查看费用"
        else:
            following, hint = (
                "回复 学时 选择培训班；还没有开班的，开班后会在这里通知您。",
                "回复 学时 选择培训班",
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

    async def _trainer(self, enrolment: Enrolment, scheme: Scheme, last: StageRecord) -> UUID | None:
        """Who trains and examines, where that is another than it goes through (D2)."""
        match scheme.roles.trained_by:
            case "home":
                return None
            case "decider":
                return last.organisation_id
            case kind:
                try:
                    return await responsible(self.work, enrolment.organisation_id, kind)
                except NobodyResponsibleError as error:
                    raise ConflictError("review.no_trainer", **error.facts) from error

    async def _tell_passed_on(
        self, enrolment: Enrolment, scheme: Scheme, left: StageRecord, following: StageRecord
    ) -> None:
        names = await OrganisationRepository(self.work.session).names([following.organisation_id])
        await self._tell(
            enrolment,
            scheme,
            "passed_on",
            stage=self.stages.label(enrolment, left.key),
            next_stage=self.stages.label(enrolment, following.key),
            organisation=names[following.organisation_id],
            hint="回复 进度 查看办理情况",
        )

    async def _ensure_papers_hold(self, enrolment: Enrolment, scheme: Scheme, record: StageRecord) -> None:
        """What is filled in equals the papers, up to the appointment, but for what the person may change alone (E5, E8)."""
        if effects.has_appointed(self.stages.chain(enrolment), record.index):
            return
        documents = await self.enrolments.documents(enrolment.id)
        own = {field.key for field in scheme.fields if change_kind(field) == "a"}
        for form in await outdated_forms(self.work, enrolment, documents):
            if not form.keys or not own.issuperset(form.keys):
                raise ConflictError("review.form_outdated", form=form.label, items="、".join(form.items))

    async def _ensure_goes_on(self, record: StageRecord) -> None:
        deciding = await OrganisationRepository(self.work.session).find(record.organisation_id)
        if deciding is not None and deciding.status != OrganisationStatus.ACTIVE:
            raise ConflictError("review.stopped", organisation=deciding.name)

    async def _present(
        self, actor: Actor, enrolment_id: UUID, revision: int | None
    ) -> tuple[Enrolment, StageRecord]:
        """The enrolment, locked, with the stage that this actor decides."""
        enrolment = await self.enrolments.find(enrolment_id, for_update=True)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        record = await self.stages.ensure_decider(actor, enrolment)
        if enrolment.state != EnrolmentState.IN_REVIEW:
            raise ConflictError("enrolment.not_in_review", state=enrolment.state)
        if revision is not None and revision != enrolment.revision:
            raise ConflictError("enrolment.changed")
        return enrolment, record


def ensure_length(reason: str) -> None:
    """Raises ServiceError `review.reason_too_long` (`limit`)."""
    if len(reason) > _LONGEST_REASON:
        raise ServiceError("review.reason_too_long", limit=_LONGEST_REASON)
