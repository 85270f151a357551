"""Verification 查验: what a stranger is told about a certificate, by its QR or by its number and 查验码.

Wrong and unknown tokens cost the same one statement and get the same answer. A look-up by number needs the code that is
printed beside it, and a source that fails five times in 15 minutes has to wait.
"""

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.certificates.issuing import CARD
from services.certificates.sealing import CODE_LENGTH, TOKEN_CONTEXT, code_of, holder_of, token_in
from services.errors import LimitedError
from services.models import CertificateState
from services.rules import masking
from services.rules.errors import InvalidValueError
from services.rules.localtime import local_day
from services.rules.numbering import normalise_number, normalise_token
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.repositories.cards import CardRepository
from storage.repositories.certificates import CertificateRepository, LookupRepository, PublicRow
from storage.tables import Certificate

FAILURE_LIMIT = 5
FAILURE_WINDOW = timedelta(minutes=15)
ANNOUNCED = 100

_SOURCE_CONTEXT = b"certificate_lookups.source"
#: What is not in Crockford's base 32 is taken for what it looks like (as in a token).
_LOOKALIKES = str.maketrans("ILO", "110")
_LONGEST_TOKEN = 64
VOID_COPY = "void_copy"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a stranger may know about a certificate at one moment."""

    #: `valid`, `suspended`, `revoked`, `expired`, `replaced`; of a card `cancelled` instead of `revoked` (D9), and
    #: `void_copy` of a copy that was lost, damaged or printed anew since.
    status: str
    title: str
    number: str
    #: First and last character only.
    name_masked: str
    #: First and last character only: first six and last four would leave under 2,000 candidates.
    identity_masked: str
    specialty: str
    #: Of a 人员能力验证证书; else empty.
    grade: str
    #: Of a 学时证明, as plain decimal text; else empty.
    hours: str
    #: Of a 证卡; else empty.
    occupations: tuple[str, ...]
    rule: str
    issuer: str
    organisation: str
    statement: str
    issued_on: date
    #: Last day in force; None: without end.
    expires_on: date | None
    #: Why it was revoked; empty otherwise.
    reason: str
    #: When it was suspended, revoked or replaced, as a day in Shanghai.
    changed_on: date | None
    #: Number of the certificate that replaced it.
    replaced_by: str | None
    #: Aware UTC.
    queried_at: datetime


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """One line of the public announcement (B8)."""

    number: str
    title: str
    name_masked: str
    organisation: str
    revoked_on: date
    reason: str


class VerificationService:
    """Look-ups by strangers."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.certificates = CertificateRepository(work.session)
        self.lookups = LookupRepository(work.session)

    async def by_token(self, token: str) -> Verdict | None:
        """The verdict for a QR's token, forgiving small letters, I, L, O and hyphens; None for any other text."""
        try:
            token = normalise_token(token)
        except InvalidValueError:
            token = token[:_LONGEST_TOKEN]
        digests = self.work.tools.keyring.digests(token, context=TOKEN_CONTEXT)
        found = await self.certificates.find_public(digests=digests)
        if found is None:
            return None
        return self._verdict(found, void=found.certificate.token_digest not in digests)

    async def by_number(self, number: str, code: str, *, source: str) -> Verdict | None:
        """The verdict for a number and its 查验码; None when there is none or the code is another one.

        `source` is the asker's IP address; of IPv6 its /64 counts. What cannot be a number or a code at all is refused
        before it counts as a failure.

        Raises:
            InvalidValueError: `certificate.empty`, `certificate.format`, `certificate.checksum`, `certificate.code`.
            LimitedError: `verification.too_often` with `minutes`, after five failures in 15 minutes.
        """
        number, code = normalise_number(number), _normalise_code(code)
        keyring, asker = self.work.tools.keyring, _network(source)
        digests = keyring.digests(asker, context=_SOURCE_CONTEXT)
        await self.lookups.wait_for_turn(int.from_bytes(digests[0][:8], "big", signed=True))
        failures = await self.lookups.count_failures(digests, since=self.work.now - FAILURE_WINDOW)
        if failures >= FAILURE_LIMIT:
            raise LimitedError("verification.too_often", minutes=FAILURE_WINDOW.seconds // 60)
        found = await self.certificates.find_public(number=number)
        void = False
        if found is not None and not self._code_fits(found, code):
            void = await self._is_of_void_copy(found, code)
            found = found if void else None
        await self.lookups.add(source_digest=digests[0], at=self.work.now, found=found is not None)
        return self._verdict(found, void=void) if found is not None else None

    async def revocations(self) -> tuple[Revocation, ...]:
        """The latest hundred revoked certificates, the newest first (B8). Cards are not announced: D9 does not say so."""
        return tuple(
            Revocation(
                number=row.certificate.number,
                title=row.certificate.title,
                name_masked=masking.name(holder_of(self.work, row.certificate).name),
                organisation=row.organisation,
                revoked_on=local_day(row.certificate.state_changed_at or row.certificate.created_at),
                reason=row.certificate.state_reason,
            )
            for row in await self.certificates.list_revoked(limit=ANNOUNCED, not_of_kind=CARD)
        )

    def _code_fits(self, found: PublicRow, code: str) -> bool:
        return hmac.compare_digest(code_of(self.work, found.certificate).encode(), code.encode())

    async def _is_of_void_copy(self, found: PublicRow, code: str) -> bool:
        """Whether this is the 查验码 of an earlier copy; only cards have any."""
        if found.certificate.kind_key != CARD:
            return False
        copies = await CardRepository(self.work.session).void_copies(found.certificate.id)
        codes = [token_in(self.work, found.certificate.id, row.token_cipher)[:CODE_LENGTH] for row in copies]
        return any(hmac.compare_digest(one.encode(), code.encode()) for one in codes)

    def _verdict(self, found: PublicRow, *, void: bool = False) -> Verdict:
        row, facts = found.certificate, found.certificate.facts
        holder = holder_of(self.work, row)
        status = self._status(row)
        if void and status != "cancelled":
            status = VOID_COPY
        changed = row.state != CertificateState.VALID and row.state_changed_at is not None
        return Verdict(
            status=status,
            title=row.title,
            number=row.number,
            name_masked=masking.name(holder.name),
            identity_masked=masking.identity_number_strictly(holder.identity_number),
            specialty=facts["specialty"],
            grade=facts.get("grade", ""),
            hours=facts.get("hours", ""),
            occupations=tuple(facts.get("occupations", ())),
            rule=f"{facts['rule_title']}（{facts['rule_code']}）",
            issuer=facts["issuer"],
            organisation=found.organisation,
            statement=facts["statement"],
            issued_on=row.issued_on,
            expires_on=row.expires_on,
            reason=row.state_reason if status == CertificateState.REVOKED else "",
            changed_on=local_day(row.state_changed_at) if changed and row.state_changed_at else None,
            replaced_by=found.replaced_by,
            queried_at=self.work.now,
        )

    def _status(self, row: Certificate) -> str:
        """Revoked and replaced are final; a suspension of something expired says nothing more."""
        final = row.state in (CertificateState.REVOKED, CertificateState.REPLACED)
        if not final and row.expires_on is not None and local_day(self.work.now) > row.expires_on:
            return "expired"
        if row.kind_key == CARD and row.state == CertificateState.REVOKED:
            return "cancelled"
        return CertificateState(row.state).value


def _normalise_code(text: str) -> str:
    """A typed 查验码 as it was printed. Raises InvalidValueError `certificate.code` when it has not six characters."""
    code = "".join(c for c in normalise(text).upper() if c.isascii() and c.isalnum())
    if len(code) != CODE_LENGTH:
        raise InvalidValueError("certificate.code", length=CODE_LENGTH)
    return code.translate(_LOOKALIKES)


def _network(source: str) -> str:
    """Who is counted: an IPv4 address, or the /64 that one IPv6 household has; other text as it is."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
