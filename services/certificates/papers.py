"""The printed paper: its sheet, its PDF and PNG in the file store, and the links that are given to its holder only.

The PDF shows the full identity number. So it is never behind the QR that strangers scan, but behind an address that is
signed for one certificate and ends after seven days.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.certificates.issuing import CARD
from services.certificates.sealing import code_of, holder_of, token_of
from services.errors import NotFoundError
from services.typesetting.card import CardSheet, render_card_pdf, render_card_png
from services.typesetting.certificate import (
    CertificateSheet,
    HoursSheet,
    Sheet,
    render_pdf,
    render_png,
)
from services.unit_of_work import Work
from storage.files import FileMissingError
from storage.repositories.certificates import CertificateRepository
from storage.tables import Certificate

DOWNLOAD_LASTS = timedelta(days=7)
_DOWNLOAD_CONTEXT = b"certificates.download"
#: Hexadecimal characters of a signature: 128 bits.
_SIGNATURE_LENGTH = 32


#: What can be printed.
Paper = Sheet | CardSheet


class LinkExpiredError(NotFoundError):
    """The download address was genuine, but its seven days are over."""


def verification_link(work: Work, certificate: Certificate) -> str:
    """What the QR says: `https://host/c/<token>`."""
    return f"{work.tools.public_url}{_verification_path(work, certificate)}"


async def pdf(work: Work, certificate: Certificate) -> bytes:
    """The paper as PDF/A, made on first use. Raises what `render_pdf` raises."""
    content, certificate.pdf_key = await _kept(work, certificate, certificate.pdf_key, ".pdf", _as_pdf)
    return content


async def png(work: Work, certificate: Certificate) -> bytes:
    """The paper as a picture for the chat, made on first use. Raises what `render_png` raises."""
    content, certificate.png_key = await _kept(work, certificate, certificate.png_key, ".png", _as_png)
    return content


def download_link(work: Work, certificate_id: UUID) -> str:
    """An address of the PDF for the holder, good for seven days from now; give it to nobody else."""
    expires = int((work.now + DOWNLOAD_LASTS).timestamp())
    signature = work.tools.keyring.digest(_signed(certificate_id, expires), context=_DOWNLOAD_CONTEXT).hex()[
        :_SIGNATURE_LENGTH
    ]
    return f"{work.tools.public_url}/h5/papers/{certificate_id}/{expires}/{signature}.pdf"


def check_download(work: Work, certificate_id: UUID, expires: int, signature: str) -> None:
    """Raises NotFoundError `certificate.bad_link`; LinkExpiredError `certificate.link_expired`."""
    digests = work.tools.keyring.digests(_signed(certificate_id, expires), context=_DOWNLOAD_CONTEXT)
    given = signature.encode()
    matches = [hmac.compare_digest(given, digest.hex()[:_SIGNATURE_LENGTH].encode()) for digest in digests]
    if not any(matches):
        raise NotFoundError("certificate.bad_link")
    if expires < work.now.timestamp():
        raise LinkExpiredError("certificate.link_expired")


async def late_facts(work: Work, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a notice about a certificate needs at the moment of sending, and what never stands in the outbox.

    Where `certificate_id` is in `facts`, adds `link` (verification page), `path` (the same below the public address)
    and `download` (PDF, seven days). Other facts, and those of an unknown certificate, come back unchanged.
    """
    complete = dict(facts)
    if not (known := facts.get("certificate_id")):
        return complete
    certificate = await CertificateRepository(work.session).find(UUID(str(known)))
    if certificate is not None:
        complete["path"] = _verification_path(work, certificate)
        complete["link"] = f"{work.tools.public_url}{complete['path']}"
        complete["download"] = download_link(work, certificate.id)
    return complete


def _verification_path(work: Work, certificate: Certificate) -> str:
    return f"/c/{token_of(work, certificate)}"


def _signed(certificate_id: UUID, expires: int) -> str:
    return f"{certificate_id}:{expires}"


async def _kept(
    work: Work, certificate: Certificate, key: str | None, suffix: str, render: Callable[[Paper], bytes]
) -> tuple[bytes, str]:
    """The file and its key; rendered when it was never made or is lost. No row is locked meanwhile.

    Raises NotFoundError `certificate.purged`: kept long enough, and deleted (C11).
    """
    if key is not None:
        try:
            return await work.tools.files.get(key), key
        except FileMissingError:
            pass
    if certificate.purged_at is not None:
        raise NotFoundError("certificate.purged")
    content = await asyncio.to_thread(render, await _paper(work, certificate))
    key = f"certificates/{certificate.id.hex}{suffix}"
    await work.tools.files.put(key, content)
    return content, key


def _as_pdf(paper: Paper) -> bytes:
    return render_card_pdf(paper) if isinstance(paper, CardSheet) else render_pdf(paper)


def _as_png(paper: Paper) -> bytes:
    return render_card_png(paper) if isinstance(paper, CardSheet) else render_png(paper)


async def _paper(work: Work, certificate: Certificate) -> Paper:
    if certificate.facts["kind"] == CARD:
        return await card_sheet(work, certificate)
    return await _sheet(work, certificate)


async def card_sheet(work: Work, certificate: Certificate) -> CardSheet:
    """What the card of this certificate says, with its portrait."""
    if certificate.purged_at is not None:
        raise NotFoundError("certificate.purged")
    holder, facts = holder_of(work, certificate), certificate.facts
    return CardSheet(
        title=certificate.title,
        name=holder.name,
        number=certificate.number,
        occupations=tuple(facts["occupations"]),
        valid_from=certificate.issued_on,
        valid_until=certificate.expires_on,
        issuer=facts["issuer"],
        made_by=facts["organisation"],
        verification_url=verification_link(work, certificate),
        verification_code=code_of(work, certificate),
        portrait=await work.tools.files.get(holder.portrait) if holder.portrait else None,
    )


async def _sheet(work: Work, certificate: Certificate) -> Sheet:
    holder, facts = holder_of(work, certificate), certificate.facts
    printed: dict[str, Any] = {
        "name": holder.name,
        "identity_number": holder.identity_number,
        "specialty": facts["specialty"],
        "number": certificate.number,
        "issued_on": certificate.issued_on,
        "issuer": facts["issuer"],
        "verification_url": verification_link(work, certificate),
        "verification_code": code_of(work, certificate),
        "title": certificate.title,
        "programme": facts["programme"],
    }
    if facts["kind"] == "hours":
        return HoursSheet(
            **printed,
            hours=Decimal(facts["hours"]),
            required_hours=Decimal(facts["required_hours"]),
            started_on=date.fromisoformat(facts["started_on"]),
            ended_on=date.fromisoformat(facts["ended_on"]),
            organiser=facts["organiser"],
            statement=facts["statement"]
            or f"凭《{certificate.title}》可申请参加{facts['programme']}。本证明不得涂改，不可出租、出借。",
        )
    portrait = await work.tools.files.get(holder.portrait) if holder.portrait else None
    return CertificateSheet(
        **printed,
        rule_document=f"{facts['rule_title']}（{facts['rule_code']}）",
        grade=facts["grade"],
        valid_until=certificate.expires_on,
        portrait=portrait,
        statement=facts["statement"],
    )
