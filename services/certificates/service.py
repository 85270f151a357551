"""Issuing certificates, handing them over, and finding them again."""

from collections.abc import Sequence
from uuid import UUID

from services import audit, blacklist
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.certificates import issuer, issuing, papers, replacing, sealing
from services.certificates.changes import change
from services.certificates.models import CertificatePage, CertificateView, Unissued
from services.certificates.views import view
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.schemes.models import CertificateKind, Scheme
from services.unit_of_work import Work
from storage.repositories.certificates import CertificateFilter, CertificateRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.states import CertificateState
from storage.tables import Certificate, Enrolment


class CertificateService:
    """Certificates of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.certificates = CertificateRepository(work.session)
        self.enrolments = EnrolmentRepository(work.session)

    # ---- issuing --------------------------------------------------------------------------------------------

    async def issue(self, actor: Actor, enrolment_id: UUID) -> CertificateView:
        """The certificate of a passed, published result; PDF, picture and message follow by a job.

        Raises:
            NotFoundError, ForbiddenError: not the actor's enrolment, or a reader.
            ConflictError: `certificate.no_passed_result`; `certificate.already_issued` names the `number` that stands;
                `certificate.not_offered`, `certificate.holder_incomplete`; `blacklist.barred` (C7).
            NotAuthorisedError: the organisation that trained is not authorised for it (C3, C4).
            ServiceError: `certificate.unprintable_name` with the `characters`; nothing was written.
        """
        enrolment = await self._enrolment(enrolment_id)
        _, kind = self._kind(enrolment, "result_passed")
        ensure_officer(actor, await issuer.issuer_of(self.work, enrolment, kind))
        return view(self.work, await self._issue(actor, enrolment))

    async def issue_for_sitting(self, actor: Actor, sitting_id: UUID) -> tuple[CertificateView, ...]:
        """Certificates for all who passed and never had one; who cannot get one is in `unissued_of_sitting`."""
        issued = []
        for enrolment in await self._waiting(actor, sitting_id):
            _, kind = self._kind(enrolment, "result_passed")
            ensure_officer(actor, await issuer.issuer_of(self.work, enrolment, kind))
            if not (await self._look_at(enrolment)).problem:
                await self.enrolments.find(enrolment.id, for_update=True)
                issued.append(view(self.work, await self._issue(actor, enrolment)))
        return tuple(issued)

    async def unissued_of_sitting(self, actor: Actor, sitting_id: UUID) -> tuple[Unissued, ...]:
        """Who passed the sitting and never had a certificate, by enrolment number, with what is in the way."""
        return tuple([await self._look_at(enrolment) for enrolment in await self._waiting(actor, sitting_id)])

    async def issue_hours_certificate(self, enrolment: Enrolment, *, actor: Actor) -> CertificateView:
        """The 学时证明 of an enrolment whose hours are met (A6); the one that stands, when there is one already.

        Raises:
            ConflictError: `certificate.hours_not_met` with `done` and `required`; `certificate.not_offered`.
            ServiceError: `certificate.unprintable_name` with the `characters`; nothing was written.
        """
        scheme, kind = self._kind(enrolment, "hours_met")
        ensure_officer(actor, issuer.trained_by(enrolment))
        issuer_id = await issuer.issuer_of(self.work, enrolment, kind)
        await self.enrolments.find(enrolment.id, for_update=True)
        if (standing := await self.certificates.find_standing(enrolment.id, kind.key)) is not None:
            return view(self.work, standing)
        organisation = await self.certificates.organisation_name(issuer.trained_by(enrolment))
        facts = await issuing.hours_facts(self.work, enrolment, scheme, kind, organisation)
        made = await issuing.write(self.work, actor, enrolment, scheme, kind, facts, issuer_id=issuer_id)
        return view(self.work, made)

    async def deliver(self, certificate_id: UUID) -> None:
        """Make PDF and picture where they are missing, and tell the holder once. Called by a job; idempotent."""
        certificate = await self._found(certificate_id)
        if certificate.state != CertificateState.VALID:
            return
        await papers.pdf(self.work, certificate)
        await papers.png(self.work, certificate)
        enrolment = await self.enrolments.get(certificate.enrolment_id)
        # The link carries the token: it is added when the message leaves (`late_facts`), never kept in the outbox.
        await NoticeService(self.work).send(
            enrolment.follower_id,
            "certificate_ready",
            cause=str(certificate.id),
            facts={
                "certificate_id": str(certificate.id),
                "scheme": certificate.facts["specialty"],
                "title": certificate.title,
                "title_short": certificate.title[:20],
                "number": certificate.number,
                "picture": certificate.png_key,
                "time": local_datetime(self.work.now),
                "hint": "点击查看，扫码可查验真伪",
            },
            enrolment_id=enrolment.id,
            group=f"certificate:{certificate.id}",
        )

    # ---- states ---------------------------------------------------------------------------------------------

    async def suspend(self, actor: Actor, certificate_id: UUID, reason: str) -> CertificateView:
        """Not to be relied on for now. Raises as `changes.change`."""
        return view(
            self.work, await change(self.work, actor, certificate_id, CertificateState.SUSPENDED, reason)
        )

    async def restore(self, actor: Actor, certificate_id: UUID, reason: str) -> CertificateView:
        """Valid again after a suspension. Raises as `changes.change`."""
        return view(self.work, await change(self.work, actor, certificate_id, CertificateState.VALID, reason))

    async def revoke(self, actor: Actor, certificate_id: UUID, reason: str) -> CertificateView:
        """Never valid again, and announced on the public list with its reason (B8). Raises as `changes.change`.

        Raises:
            ConflictError: `certificate.is_card`: a card's holder loses the qualification instead (`services.cards`, D9).
        """
        if (await self._found(certificate_id)).kind_key == issuing.CARD:
            raise ConflictError("certificate.is_card")
        return view(
            self.work, await change(self.work, actor, certificate_id, CertificateState.REVOKED, reason)
        )

    async def replace(self, actor: Actor, certificate_id: UUID, reason: str) -> CertificateView:
        """A new one for the holder's changed name or number; the old one points to it (E8). Raises as `replacing`."""
        return view(self.work, await replacing.replace_by_staff(self.work, actor, certificate_id, reason))

    async def replace_own(self, certificate_id: UUID, follower_id: UUID, *, actor: Actor) -> CertificateView:
        """The same at the holder's wish. Raises as `replacing.replace_own`."""
        return view(self.work, await replacing.replace_own(self.work, actor, certificate_id, follower_id))

    async def replaceable_of_follower(self, follower_id: UUID) -> tuple[CertificateView, ...]:
        """A follower's valid certificates that name them as they are not named any more."""
        return self._views(await replacing.outdated_of_follower(self.work, follower_id))

    async def is_outdated(self, certificate_id: UUID) -> bool:
        """Whether its holder's name or number was changed since; the caller has checked who asks."""
        certificate = await self._found(certificate_id)
        enrolment = await self.enrolments.get(certificate.enrolment_id)
        return certificate in await replacing.outdated_of(self.work, enrolment)

    # ---- reading --------------------------------------------------------------------------------------------

    async def list_lines(
        self,
        actor: Actor,
        *,
        state: str | None = None,
        scheme_id: str | None = None,
        query: str = "",
        page: int = 1,
        per_page: int = 50,
    ) -> CertificatePage:
        """The actor's organisation's certificates, the newest first; `query` is part of a number or a name."""
        wanted = CertificateFilter(
            organisation_id=visible_organisation(actor), state=state, scheme_id=scheme_id, query=query.strip()
        )
        page = max(page, 1)
        total, rows = await self.certificates.page(wanted, offset=(page - 1) * per_page, limit=per_page)
        return CertificatePage(
            items=self._views(rows), total=total, page=page, pages=max(1, -(-total // per_page))
        )

    async def show(self, actor: Actor, certificate_id: UUID) -> CertificateView:
        """One certificate, for staff of its organisation. Raises NotFoundError."""
        certificate = await self._found(certificate_id)
        ensure_reader(actor, certificate.organisation_id)
        return view(self.work, certificate)

    async def paper(self, actor: Actor, certificate_id: UUID) -> bytes:
        """The PDF for staff; the access is logged, because it shows the full identity number. Raises NotFoundError."""
        certificate = await self._found(certificate_id)
        ensure_reader(actor, certificate.organisation_id)
        audit.record(
            self.work, actor, "certificate.read", "certificate", certificate.id,
            after={"number": certificate.number}, organisation_id=certificate.organisation_id,
        )  # fmt: skip
        return await papers.pdf(self.work, certificate)

    async def of_follower(self, follower_id: UUID) -> tuple[CertificateView, ...]:
        """All certificates of a follower's enrolments, the newest first."""
        return self._views(await self.certificates.list_of_follower(follower_id))

    async def of_enrolment(self, enrolment_id: UUID) -> tuple[CertificateView, ...]:
        """All certificates of one enrolment, the newest first; the caller has checked who asks."""
        return self._views(await self.certificates.list_of_enrolment(enrolment_id))

    async def link(self, certificate_id: UUID) -> str:
        """The verification address, with the token: for the holder. No statement when it was just listed."""
        return papers.verification_link(self.work, await self._found(certificate_id))

    async def code(self, certificate_id: UUID) -> str:
        """The 查验码 that a look-up by number asks for: for the holder, and printed on the paper."""
        return sealing.code_of(self.work, await self._found(certificate_id))

    async def download_link(self, certificate_id: UUID) -> str:
        """An address of the PDF that ends after seven days: for the holder only."""
        return papers.download_link(self.work, (await self._found(certificate_id)).id)

    async def download(self, certificate_id: UUID, expires: int, signature: str) -> tuple[bytes, str]:
        """PDF and file name for a signed address. Raises NotFoundError; LinkExpiredError when its time is over."""
        papers.check_download(self.work, certificate_id, expires, signature)
        certificate = await self._found(certificate_id)
        return await papers.pdf(self.work, certificate), f"{certificate.title}-{certificate.number}.pdf"

    async def pdf(self, certificate_id: UUID) -> bytes:
        """The PDF, made on first use; for jobs and the holder's own channels (no permission is checked)."""
        return await papers.pdf(self.work, await self._found(certificate_id))

    async def png(self, certificate_id: UUID) -> bytes:
        """The picture for the chat, made on first use (no permission is checked)."""
        return await papers.png(self.work, await self._found(certificate_id))

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _enrolment(self, enrolment_id: UUID) -> Enrolment:
        enrolment = await self.enrolments.find(enrolment_id, for_update=True)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        return enrolment

    async def _found(self, certificate_id: UUID) -> Certificate:
        certificate = await self.certificates.find(certificate_id)
        if certificate is None:
            raise NotFoundError("certificate.not_found")
        return certificate

    def _kind(self, enrolment: Enrolment, trigger: str) -> tuple[Scheme, CertificateKind]:
        scheme = self.work.scheme(enrolment.scheme_ref)
        kind = scheme.certificate(trigger)
        if kind is None:
            raise ConflictError("certificate.not_offered", scheme=scheme.short_title)
        return scheme, kind

    async def _waiting(self, actor: Actor, sitting_id: UUID) -> list[Enrolment]:
        own = visible_organisation(actor)
        waiting = []
        for enrolment, had in await self.certificates.list_passed(sitting_id):
            # Some schemes end in a card or an appointment, and issue nothing here (D, E).
            kind = self.work.scheme(enrolment.scheme_ref).certificate("result_passed")
            if kind is None or kind.key in had:
                continue
            if own is None or own == await issuer.responsible(self.work, enrolment, kind):
                waiting.append(enrolment)
        return waiting

    async def _look_at(self, enrolment: Enrolment) -> Unissued:
        name, problem, characters = "", "", ""
        try:
            scheme = self.work.scheme(enrolment.scheme_ref)
            holder = await issuing.holder_for(self.work, enrolment, scheme)
            name = holder.name
            issuing.ensure_printable_name(name)
            await blacklist.ensure_clear(self.work, scheme, number=holder.identity_number, name=name)
        except ServiceError as error:
            problem, characters = error.code, str(error.facts.get("characters", ""))
        return Unissued(
            enrolment_id=enrolment.id,
            enrolment_number=enrolment.number,
            name=name,
            problem=problem,
            characters=characters,
        )

    async def _issue(self, actor: Actor, enrolment: Enrolment) -> Certificate:
        """For an enrolment whose row is locked."""
        scheme, kind = self._kind(enrolment, "result_passed")
        result = await self.certificates.find_published_result(enrolment.id)
        if result is None or not result.passed:
            raise ConflictError("certificate.no_passed_result", number=enrolment.number)
        if (standing := await self.certificates.find_standing(enrolment.id, kind.key)) is not None:
            raise ConflictError("certificate.already_issued", number=standing.number)
        organisation = await self.certificates.organisation_name(issuer.trained_by(enrolment))
        facts = issuing.certificate_facts(scheme, kind, result, organisation)
        issuer_id = await issuer.issuer_of(self.work, enrolment, kind)
        return await issuing.write(self.work, actor, enrolment, scheme, kind, facts, issuer_id=issuer_id)

    def _views(self, rows: Sequence[Certificate]) -> tuple[CertificateView, ...]:
        return tuple(view(self.work, row) for row in rows)
