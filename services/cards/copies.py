"""A new print of a card under its number: 补发 (lost, damaged), 换发 (name or number changed), 复核 (another term) (D7, D9, E8).

The copy before is void at once: its QR and its 查验码 say so. The new one goes the way of the first: made, handed out.
"""

import uuid
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services import audit, reasons
from services.access import ensure_officer
from services.cards.bars import ensure_not_barred
from services.cards.models import CardView, is_expired
from services.cards.register import ensure_visible
from services.cards.terms import terms_of
from services.cards.views import views
from services.certificates import sealing
from services.certificates.issuing import ensure_printable_name, holder_for
from services.certificates.models import last_valid_day
from services.certificates.replacing import differs
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor, CertificateState
from services.notices import NoticeService
from services.rules.localtime import local_date, local_datetime, local_day
from services.rules.numbering import TOKEN_BITS, encode_token
from services.unit_of_work import Work
from storage.card_states import CardState, CopyCause
from storage.repositories.cards import STANDING, CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Card, Certificate, Enrolment, VoidCopy

LONGEST_REASON: Final = 200
_ON_PAPER: Final = (CardState.MADE, CardState.HANDED_OUT)
_IN_WORDS: Final = {
    CopyCause.LOST: "已按遗失补发",
    CopyCause.DAMAGED: "已按损坏补发",
    CopyCause.DATA_CHANGED: "已按变更后的资料换发",
    CopyCause.RENEWED: "已通过{label}，有效期延长至{until}",
}


class CopyService:
    """New copies: proposed by whoever sees the card, issued by who makes it."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.cards = CardRepository(work.session)

    async def propose(self, actor: Actor, card_id: UUID, cause: CopyCause, reason: str) -> CardView:
        """Ask its maker for a new copy; whoever enrolled the person may, too.

        Raises:
            ServiceError: `card.no_reason`, `card.reason_too_long`.
            ConflictError: `card.wrong_state`, `card.expired`, `card.not_made`, `card.nothing_changed`, as `issue`.
            NotFoundError, ForbiddenError: not to be seen, or a reader.
        """
        row = await self._found(actor, card_id)
        ensure_officer(actor, actor.organisation_id or row[0].made_by_id)
        why = _checked(reason)
        await self._ensure_wanted(row, cause)
        want(self.work, actor, row[0], cause, why)
        return await self._view(row)

    async def decline(self, actor: Actor, card_id: UUID, reason: str) -> CardView:
        """No new copy; why is in the log. Raises ConflictError `card.not_wanted`; as `issue`."""
        row = await self._makers(actor, card_id)
        card, why = row[0], _checked(reason)
        if not card.wanted_cause:
            raise ConflictError("card.not_wanted")
        before = card.wanted_cause
        _forget(card)
        self._record(actor, "card.copy_declined", card, before={"wanted": before}, reason=why)
        return await self._view(row)

    async def issue(self, actor: Actor, card_id: UUID, cause: CopyCause, reason: str) -> CardView:
        """Print it anew with the data as they are now; number and last day stay, the copy before is void.

        Raises:
            ServiceError: `card.no_reason`, `card.reason_too_long`; `certificate.unprintable_name`.
            ConflictError: `card.wrong_state`; `card.expired` (it is renewed in time or applied for again);
                `card.not_made` (nothing is lost or damaged that was not made); `card.nothing_changed`; `card.barred`;
                `card.renewing` for `CopyCause.RENEWED`, which is `renew`.
            NotFoundError, ForbiddenError: not made by the actor's organisation, or a reader.
        """
        if cause is CopyCause.RENEWED:
            raise ConflictError("card.renewing")
        row = await self._makers(actor, card_id)
        why = _checked(reason)
        await self._ensure_wanted(row, cause)
        await self._print_anew(actor, row, cause, why)
        return await self._view(row)

    async def renew(self, actor: Actor, card_id: UUID, reason: str) -> CardView:
        """复核 passed: in force for another term after the present one. Raises as `issue`.

        Raises:
            ConflictError: also `card.no_renewal`; `card.renewal_early` (`opens_on`, in words).
        """
        row = await self._makers(actor, card_id)
        card, _, enrolment = row
        scheme, terms = terms_of(self.work, enrolment.scheme_ref)
        why = _checked(reason)
        self._ensure_standing(row)
        if terms.renewal is None or terms.valid_months is None or card.valid_until is None:
            raise ConflictError("card.no_renewal", scheme=scheme.short_title)
        opens_on = card.valid_until - timedelta(days=terms.renewal.opens_days)
        if local_day(self.work.now) < opens_on:
            raise ConflictError("card.renewal_early", opens_on=local_date(opens_on))
        until = last_valid_day(card.valid_until + timedelta(days=1), terms.valid_months)
        await self._print_anew(actor, row, CopyCause.RENEWED, why, valid_until=until)
        return await self._view(row)

    async def void_copies(self, actor: Actor, card_id: UUID) -> tuple[VoidCopy, ...]:
        """Its earlier copies, the newest first. Raises NotFoundError."""
        row = await self._found(actor, card_id, for_update=False)
        if row[0].certificate_id is None:
            return ()
        return tuple(await self.cards.void_copies(row[0].certificate_id))

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _found(self, actor: Actor, card_id: UUID, *, for_update: bool = True) -> CardRow:
        row = await self.cards.find(card_id, for_update=for_update)
        ensure_visible(actor, row)
        if row is None:
            raise NotFoundError("access.not_found")
        return row

    async def _makers(self, actor: Actor, card_id: UUID) -> CardRow:
        row = await self._found(actor, card_id)
        if actor.organisation_id not in (None, row[0].made_by_id):
            raise ForbiddenError("card.not_yours", step="made_by")
        ensure_officer(actor, row[0].made_by_id)
        return row

    def _ensure_standing(self, row: CardRow) -> None:
        card, person, _ = row
        if card.state not in STANDING:
            raise ConflictError("card.wrong_state", state=card.state, name=person.name)
        if is_expired(card, local_day(self.work.now)):
            raise ConflictError(
                "card.expired", until=local_date(card.valid_until) if card.valid_until else ""
            )

    async def _ensure_wanted(self, row: CardRow, cause: CopyCause) -> None:
        card, _, enrolment = row
        self._ensure_standing(row)
        if cause in (CopyCause.LOST, CopyCause.DAMAGED) and card.state not in _ON_PAPER:
            raise ConflictError("card.not_made")
        if cause is CopyCause.DATA_CHANGED and not await has_changed(self.work, card, enrolment):
            raise ConflictError("card.nothing_changed")

    async def _print_anew(
        self, actor: Actor, row: CardRow, cause: CopyCause, why: str, *, valid_until: date | None = None
    ) -> None:
        """Void the copy that is out, and put a new one on its way."""
        card, _, enrolment = row
        scheme, _ = terms_of(self.work, enrolment.scheme_ref)
        if enrolment.person_id is not None:
            await ensure_not_barred(self.work, enrolment.person_id, scheme)
        certificate = await self._certificate(card)
        holder = await holder_for(self.work, enrolment, scheme)
        ensure_printable_name(holder.name)
        self.work.session.add(
            VoidCopy(
                id=uuid.uuid4(),
                certificate_id=certificate.id,
                copy=card.copy,
                cause=cause,
                reason=why,
                voided_at=self.work.now,
                voided_by_name=actor.name,
                token_digest=certificate.token_digest,
                token_cipher=certificate.token_cipher,
                holder_cipher=certificate.holder_cipher,
                valid_until=card.valid_until,
            )
        )
        token = encode_token(self.work.tools.entropy.bits(TOKEN_BITS))
        certificate.token_digest, certificate.token_cipher = sealing.seal_token(
            self.work, certificate.id, token
        )
        certificate.holder_cipher = sealing.seal_holder(self.work, certificate.id, holder)
        # Made again when somebody asks, over the old files.
        certificate.pdf_key = certificate.png_key = None
        before = {"state": card.state, "copy": card.copy, "valid_until": str(card.valid_until)}
        if cause is CopyCause.RENEWED:
            card.valid_until = certificate.expires_on = valid_until
        card.copy += 1
        card.state, card.made_at, card.handed_at = CardState.NUMBERED, None, None
        _forget(card)
        self._record(
            actor,
            "card.renewed" if cause is CopyCause.RENEWED else "card.copied",
            card,
            before=before,
            after={
                "state": card.state,
                "copy": card.copy,
                "valid_until": str(card.valid_until),
                "cause": cause,
            },
            reason=why,
        )
        await self.work.session.flush()
        await self._tell(card, enrolment, certificate, cause)

    async def _certificate(self, card: Card) -> Certificate:
        found = (
            await CertificateRepository(self.work.session).find(card.certificate_id, for_update=True)
            if card.certificate_id is not None
            else None
        )
        if found is None or found.state != CertificateState.VALID:
            raise ConflictError("card.wrong_state", state=card.state, name="")
        return found

    async def _tell(
        self, card: Card, enrolment: Enrolment, certificate: Certificate, cause: CopyCause
    ) -> None:
        scheme, terms = terms_of(self.work, enrolment.scheme_ref)
        maker = await OrganisationRepository(self.work.session).find(card.made_by_id)
        notices = NoticeService(self.work)
        # What was not said yet of the copy before is not so any more.
        await notices.withdraw(f"card:{card.id}")
        await notices.send(
            enrolment.follower_id,
            "card_copied",
            cause=f"{card.id}:{card.copy}",
            facts={
                "scheme": scheme.short_title,
                "title": terms.title,
                "number": card.number,
                "what": _IN_WORDS[cause].format(
                    label=terms.renewal.label if terms.renewal else "复核",
                    until=local_date(card.valid_until) if card.valid_until else "长期",
                ),
                "copy": str(card.copy),
                "organisation": maker.name if maker else "",
                "hint": "卡号不变，旧卡作废",
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
            group=f"card:{card.id}",
        )

    def _record(
        self,
        actor: Actor,
        action: str,
        card: Card,
        *,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
        reason: str = "",
    ) -> None:
        audit.record(
            self.work, actor, action, "card", card.id, before=before, after=after, reason=reason,
            organisation_id=card.made_by_id, scheme_ref=f"{card.scheme_id}@{card.scheme_version}",
        )  # fmt: skip

    async def _view(self, row: CardRow) -> CardView:
        await self.work.session.flush()
        return (await views(self.work, [row]))[0]


async def has_changed(work: Work, card: Card, enrolment: Enrolment) -> bool:
    """Whether the copy that is good names somebody as they are not named any more."""
    if card.certificate_id is None:
        return False
    certificate = await CertificateRepository(work.session).get(card.certificate_id)
    return differs(work, certificate, await holder_for(work, enrolment, work.scheme(enrolment.scheme_ref)))


async def follow_change(work: Work, actor: Actor, enrolment: Enrolment, reason: str) -> str:
    """After an approved change (E8): the card belongs to the bearer of the number, and a new copy is proposed.

    Gives the maker's name where one is; empty when there is no card, or it names them as they are named now.
    """
    found = await CardRepository(work.session).of_enrolment(enrolment.id, for_update=True)
    if found is None or enrolment.person_id is None:
        return ""
    card = found[0]
    card.person_id = enrolment.person_id
    if card.state not in STANDING or not await has_changed(work, card, enrolment):
        return ""
    want(work, actor, card, CopyCause.DATA_CHANGED, reason)
    maker = await OrganisationRepository(work.session).find(card.made_by_id)
    return maker.name if maker else ""


def want(work: Work, actor: Actor, card: Card, cause: CopyCause, reason: str) -> None:
    """Note on the locked card that a new copy is proposed."""
    card.wanted_cause, card.wanted_reason = cause, reason[:LONGEST_REASON]
    card.wanted_at, card.wanted_by_name = work.now, actor.name
    audit.record(
        work, actor, "card.copy_proposed", "card", card.id, after={"cause": cause, "number": card.number},
        reason=card.wanted_reason, organisation_id=card.made_by_id,
        scheme_ref=f"{card.scheme_id}@{card.scheme_version}",
    )  # fmt: skip


def _forget(card: Card) -> None:
    card.wanted_cause = card.wanted_reason = card.wanted_by_name = ""
    card.wanted_at = None


def _checked(reason: str) -> str:
    return reasons.checked(
        reason, most=LONGEST_REASON, missing="card.no_reason", too_long="card.reason_too_long"
    )
