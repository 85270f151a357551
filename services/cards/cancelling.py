"""取消 and 永久取消 of a qualification (D9): with reason and evidence, for ever by two people, taken back after an objection."""

import asyncio
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from services import audit, reasons
from services.access import ensure_another, ensure_officer
from services.assignments.releasing import release_of_person
from services.cards.ending import end_running
from services.cards.models import CancellationView
from services.cards.register import ensure_visible
from services.cards.views import cancellation_view
from services.certificates.changes import apply
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, CertificateState
from services.notices import NoticeService
from services.pictures.intake import MAX_BYTES, open_picture
from services.pictures.models import PictureRefusedError
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.card_states import CancellationState, CardState
from storage.repositories.cards import CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Card, CardCancellation

LONGEST_REASON: Final = 200
_PDF: Final = "application/pdf"
#: A scanned page of A4 at 400 dpi.
_MOST_PIXELS: Final = 16_000_000
_CANCELLED: Final = (CardState.CANCELLED, CardState.CANCELLED_FOR_EVER)


class CancellationService:
    """Taking a qualification away, by those that make or number its card."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)

    async def cancel(
        self, actor: Actor, card_id: UUID, reason: str, evidence: str, file: bytes | None = None
    ) -> CancellationView:
        """取消: at once. The card verifies as cancelled, its holder is told why and how to object.

        Raises:
            ServiceError: `cancellation.no_reason`, `cancellation.no_evidence`, `cancellation.too_long` with the
                `limit`, `cancellation.file` for what is neither a picture nor a PDF, or larger than `limit_mb`.
            NotFoundError, ForbiddenError: not to be seen, not made or numbered by the actor's organisation, a reader.
            ConflictError: `card.wrong_state`: it is cancelled already.
        """
        row = await self._cancellable(actor, card_id, (CardState.CANCELLED, CardState.CANCELLED_FOR_EVER))
        entry = await self._entry(actor, row[0], reason, evidence, file, for_ever=False)
        entry.state, entry.decided_at = CancellationState.CONFIRMED, self.work.now
        entry.decided_by, entry.decided_by_name = actor.id, actor.name
        await self.cards.add_cancellation(entry)
        await self._carry_out(actor, row, entry, [row[0]])
        return await self._view(entry)

    async def propose_for_ever(
        self, actor: Actor, card_id: UUID, reason: str, evidence: str, file: bytes | None = None
    ) -> CancellationView:
        """永久取消 is proposed; nothing changes before somebody else confirms it. Raises as `cancel`.

        Raises:
            ConflictError: also `cancellation.open`: it is proposed already.
        """
        row = await self._cancellable(actor, card_id, (CardState.CANCELLED_FOR_EVER,))
        entry = await self._entry(actor, row[0], reason, evidence, file, for_ever=True)
        try:
            async with self.work.session.begin_nested():
                await self.cards.add_cancellation(entry)
        except IntegrityError as error:
            raise ConflictError("cancellation.open") from error
        self._record(actor, "cancellation.proposed", row[0], entry)
        return await self._view(entry)

    async def confirm(self, actor: Actor, cancellation_id: UUID) -> CancellationView:
        """The second person agrees: all cards of the family are cancelled for ever, what is under way ends, and no new
        one can be had.

        Raises:
            NotFoundError, ForbiddenError: as `cancel`; `cancellation.same_person` for the one who proposed it.
            ConflictError: `cancellation.decided`: it is not open any more.
        """
        entry, row = await self._open(actor, cancellation_id)
        entry.state, entry.decided_at = CancellationState.CONFIRMED, self.work.now
        entry.decided_by, entry.decided_by_name = actor.id, actor.name
        family = await self.cards.of_family(entry.person_id, entry.family)
        await self._carry_out(actor, row, entry, list(family))
        await end_running(self.work, actor, entry)
        return await self._view(entry)

    async def decline(self, actor: Actor, cancellation_id: UUID, reason: str) -> CancellationView:
        """The second person does not agree, and says why: nothing changes. Raises as `confirm`."""
        reason = _checked(reason, "cancellation.no_reason")
        entry, row = await self._open(actor, cancellation_id)
        entry.state, entry.decided_at, entry.decision_reason = (
            CancellationState.DECLINED,
            self.work.now,
            reason,
        )
        entry.decided_by, entry.decided_by_name = actor.id, actor.name
        self._record(actor, "cancellation.declined", row[0], entry, reason=reason)
        return await self._view(entry)

    async def lift(self, actor: Actor, cancellation_id: UUID, reason: str) -> CancellationView:
        """After an objection: the person may apply again. The cards stay cancelled; who proposed it may not lift it.

        Raises: as `confirm`; ConflictError `cancellation.not_in_force`.
        """
        reason = _checked(reason, "cancellation.no_reason")
        entry, row = await self._decidable(actor, cancellation_id)
        if not entry.for_ever or entry.state != CancellationState.CONFIRMED:
            raise ConflictError("cancellation.not_in_force")
        entry.state, entry.decision_reason = CancellationState.LIFTED, reason
        self._record(actor, "cancellation.lifted", row[0], entry, reason=reason)
        await self._tell(row, entry, "card_cancellation_lifted", reason=reason)
        return await self._view(entry)

    async def list_of(self, actor: Actor, card_id: UUID) -> tuple[CancellationView, ...]:
        """All of a card, the newest first. Raises NotFoundError."""
        ensure_visible(actor, await self.cards.find(card_id))
        rows = await self.cards.cancellations_of(card_id)
        names = await OrganisationRepository(self.work.session).names({row.organisation_id for row in rows})
        return tuple(cancellation_view(row, names.get(row.organisation_id, "")) for row in rows)

    async def file(self, actor: Actor, cancellation_id: UUID) -> tuple[bytes, str]:
        """The evidence's file and its media type; the look is logged. Raises NotFoundError."""
        entry = await self.cards.cancellation(cancellation_id)
        row = await self.cards.find(entry.card_id) if entry is not None else None
        ensure_visible(actor, row)
        if entry is None or row is None or entry.file_key is None or entry.media_type is None:
            raise NotFoundError("access.not_found")
        self._record(actor, "cancellation.file_viewed", row[0], entry)
        return await self.work.tools.files.get(entry.file_key), entry.media_type

    async def subject(self, actor: Actor, cancellation_id: UUID) -> UUID:
        """The card that it is about. Raises NotFoundError."""
        entry = await self.cards.cancellation(cancellation_id)
        if entry is None:
            raise NotFoundError("access.not_found")
        ensure_visible(actor, await self.cards.find(entry.card_id))
        return entry.card_id

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _cancellable(self, actor: Actor, card_id: UUID, unless: tuple[CardState, ...]) -> CardRow:
        row = await self.cards.find(card_id, for_update=True)
        ensure_visible(actor, row)
        if row is None:
            raise NotFoundError("access.not_found")
        card, person, _ = row
        self._ensure_decides(actor, card)
        if card.state in unless:
            raise ConflictError("card.wrong_state", state=card.state, name=person.name)
        return row

    @staticmethod
    def _ensure_decides(actor: Actor, card: Card) -> None:
        """An officer of the one that makes or the one that numbers the card (D9: 市 and 相关单位)."""
        deciding = (card.made_by_id, card.numbered_by_id)
        if actor.organisation_id is not None and actor.organisation_id not in deciding:
            raise ForbiddenError("card.not_yours", step="cancelled")
        ensure_officer(actor, actor.organisation_id or card.made_by_id)

    async def _decidable(self, actor: Actor, cancellation_id: UUID) -> tuple[CardCancellation, CardRow]:
        entry = await self.cards.cancellation(cancellation_id)
        row = await self.cards.find(entry.card_id, for_update=True) if entry is not None else None
        ensure_visible(actor, row)
        if entry is None or row is None:
            raise NotFoundError("access.not_found")
        self._ensure_decides(actor, row[0])
        ensure_another(actor, entry.proposed_by, "cancellation.same_person")
        return entry, row

    async def _open(self, actor: Actor, cancellation_id: UUID) -> tuple[CardCancellation, CardRow]:
        entry, row = await self._decidable(actor, cancellation_id)
        if entry.state != CancellationState.PROPOSED:
            raise ConflictError("cancellation.decided")
        return entry, row

    async def _entry(
        self, actor: Actor, card: Card, reason: str, evidence: str, file: bytes | None, *, for_ever: bool
    ) -> CardCancellation:
        entry = CardCancellation(
            id=uuid4(),
            card_id=card.id,
            person_id=card.person_id,
            family=card.family,
            organisation_id=actor.organisation_id or card.made_by_id,
            for_ever=for_ever,
            state=CancellationState.PROPOSED,
            reason=_checked(reason, "cancellation.no_reason"),
            evidence=_checked(evidence, "cancellation.no_evidence"),
            proposed_by=actor.id,
            proposed_by_name=actor.name,
            proposed_at=self.work.now,
        )
        if file:
            content, entry.media_type = await _readable(file)
            entry.file_key = f"cancellations/{entry.id.hex}"
            await self.work.tools.files.put(entry.file_key, content)
        return entry

    async def _carry_out(
        self, actor: Actor, row: CardRow, entry: CardCancellation, cards: list[Card]
    ) -> None:
        """The cards, their papers, and what their holder was drawn for."""
        state = CardState.CANCELLED_FOR_EVER if entry.for_ever else CardState.CANCELLED
        certificates = CertificateRepository(self.work.session)
        notices = NoticeService(self.work)
        for card in cards:
            before, card.state = card.state, state
            card.cancelled_at = card.cancelled_at or self.work.now
            audit.record(
                self.work, actor, "card.cancelled_for_ever" if entry.for_ever else "card.cancelled", "card",
                card.id, before={"state": before}, after={"state": state, "evidence": entry.evidence},
                reason=entry.reason, organisation_id=card.made_by_id,
                scheme_ref=f"{card.scheme_id}@{card.scheme_version}",
            )  # fmt: skip
            await notices.withdraw(f"card:{card.id}")
            if card.certificate_id is None:
                continue
            certificate = await certificates.find(card.certificate_id, for_update=True)
            if certificate is not None and certificate.state != CertificateState.REVOKED:
                apply(self.work, actor, certificate, CertificateState.REVOKED, entry.reason)
                await notices.withdraw(f"certificate:{certificate.id}")
        await self.work.session.flush()
        await release_of_person(self.work, actor, [card.id for card in cards], "资格已取消")
        await self._tell(row, entry, "card_cancelled", reason=entry.reason)

    async def _tell(self, row: CardRow, entry: CardCancellation, notice: str, *, reason: str) -> None:
        card, _, enrolment = row
        scheme = self.work.scheme(f"{card.scheme_id}@{card.scheme_version}")
        organisation = await OrganisationRepository(self.work.session).find(entry.organisation_id)
        await NoticeService(self.work).send(
            enrolment.follower_id,
            notice,
            cause=f"{entry.id}:{entry.state}",
            facts={
                "scheme": scheme.short_title,
                "title": scheme.card.title if scheme.card else scheme.short_title,
                "number": f"（{card.number}）" if card.number else "",
                "measure": "永久取消资格" if entry.for_ever else "取消资格",
                "lasting": "此后不能再申请同类资格。" if entry.for_ever else "",
                "organisation": organisation.name if organisation else "",
                "reason": reason,
                "hint": "回复 申诉 查看如何提出异议",
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
        )

    def _record(
        self, actor: Actor, action: str, card: Card, entry: CardCancellation, *, reason: str = ""
    ) -> None:
        audit.record(
            self.work, actor, action, "card", card.id,
            after={"for_ever": entry.for_ever, "state": entry.state, "evidence": entry.evidence},
            reason=reason or entry.reason, organisation_id=card.made_by_id,
            scheme_ref=f"{card.scheme_id}@{card.scheme_version}",
        )  # fmt: skip

    async def _view(self, entry: CardCancellation) -> CancellationView:
        await self.work.session.flush()
        organisation = await OrganisationRepository(self.work.session).find(entry.organisation_id)
        return cancellation_view(entry, organisation.name if organisation else "")


def _checked(text: str, missing: str) -> str:
    return reasons.checked(text, most=LONGEST_REASON, missing=missing, too_long="cancellation.too_long")


async def _readable(file: bytes) -> tuple[bytes, str]:
    """A picture, encoded anew, or a PDF as it is, which is only ever downloaded."""
    if len(file) > MAX_BYTES:
        raise ServiceError("cancellation.file", limit_mb=MAX_BYTES // 1024 // 1024)
    if file.startswith(b"%PDF-"):
        return file, _PDF
    try:
        picture = await asyncio.to_thread(open_picture, file, max_pixels=_MOST_PIXELS)
    except PictureRefusedError as error:
        raise ServiceError("cancellation.file", limit_mb=MAX_BYTES // 1024 // 1024) from error
    return picture.content, picture.media_type
