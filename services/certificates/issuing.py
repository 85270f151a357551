"""A new paper: its holder and facts from the enrolment, its scheme version and its result; its number and its token."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from services import audit, blacklist
from services.answers import plain_answers
from services.certificates import sealing
from services.certificates.models import Holder, last_valid_day
from services.errors import ConflictError, ServiceError
from services.jobs import Task, defer
from services.models import Actor
from services.rules.localtime import local_day
from services.rules.numbering import TOKEN_BITS, encode_token, format_number
from services.schemes.models import CertificateKind, FieldKind, MaterialKind, Scheme
from services.study.records import counted_hours
from services.typesetting.fonts import missing_characters
from services.unit_of_work import Work
from storage.repositories.certificates import CertificateRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.states import CertificateState
from storage.tables import Certificate, Enrolment, Result

#: Kind of a card's paper, as its facts and its row say.
CARD = "card"
#: With the certificate's id, the lock of the job that makes and hands over its paper.
LOCK_PREFIX = "certificate:"


async def holder_for(work: Work, enrolment: Enrolment, scheme: Scheme) -> Holder:
    """Name, number and portrait as the enrolment has them now."""
    answers = plain_answers(work, enrolment)
    fields = {kind: scheme.field_of_kind(kind) for kind in (FieldKind.NAME, FieldKind.IDENTITY_NUMBER)}
    name, number = (answers.get(field.key, "") if field else "" for field in fields.values())
    if not name or not number:
        raise ConflictError("certificate.holder_incomplete", number=enrolment.number)
    portraits = {item.key for item in scheme.materials if item.kind is MaterialKind.PORTRAIT}
    documents = await EnrolmentRepository(work.session).documents(enrolment.id)
    portrait = next((d.file_key for d in documents if d.material_key in portraits and d.file_key), None)
    return Holder(name=name, identity_number=number, portrait=portrait)


def ensure_printable_name(name: str) -> None:
    """Raises ServiceError `certificate.unprintable_name` with the `characters` that the typeface lacks."""
    if missing := missing_characters(name):
        raise ServiceError(
            "certificate.unprintable_name",
            characters="".join(missing),
            codepoints=" ".join(f"U+{ord(character):04X}" for character in missing),
        )


def certificate_facts(
    scheme: Scheme, kind: CertificateKind, result: Result, organisation: str
) -> dict[str, Any]:
    """Of a 人员能力验证证书."""
    return {**_shared(scheme, kind, organisation), "kind": "result", "grade": result.grade}


async def hours_facts(
    work: Work, enrolment: Enrolment, scheme: Scheme, kind: CertificateKind, organisation: str
) -> dict[str, Any]:
    """Of a 学时证明. Raises ConflictError `certificate.hours_not_met`, `certificate.not_offered`."""
    if scheme.hours is None:
        raise ConflictError("certificate.not_offered", scheme=scheme.short_title)
    repository = CertificateRepository(work.session)
    studied = await repository.studied_hours(enrolment.id)
    counted = counted_hours(scheme.hours, studied.hours, studied.practice)
    if counted < scheme.hours.total:
        raise ConflictError(
            "certificate.hours_not_met", done=_plain(counted), required=_plain(scheme.hours.total)
        )
    course = await repository.find_class(enrolment.class_id) if enrolment.class_id else None
    today = local_day(work.now)
    ended_on = studied.last_on or (min(course.ends_on, today) if course else today)
    # An accepted proof names no days: then the class counts, or the day of admission.
    began_on = course.starts_on if course else local_day(enrolment.decided_at or work.now)
    started_on = min(studied.first_on or began_on, ended_on)
    return {
        **_shared(scheme, kind, organisation),
        "kind": "hours",
        "hours": _plain(studied.hours),
        "required_hours": _plain(scheme.hours.total),
        "started_on": started_on.isoformat(),
        "ended_on": ended_on.isoformat(),
        "organiser": scheme.roles.organiser,
    }


def card_facts(
    scheme: Scheme, kind: CertificateKind, occupations: Sequence[str], organisation: str
) -> dict[str, Any]:
    """Of a 证卡 (D7)."""
    return {**_shared(scheme, kind, organisation), "kind": CARD, "occupations": list(occupations)}


def _shared(scheme: Scheme, kind: CertificateKind, organisation: str) -> dict[str, Any]:
    return {
        "specialty": scheme.short_title,
        "programme": scheme.roles.project,
        "rule_code": scheme.rule_document.code,
        "rule_title": scheme.rule_document.title,
        "issuer": scheme.roles.issuer,
        "organisation": organisation,
        "statement": kind.statement,
    }


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


async def write(
    work: Work,
    actor: Actor,
    enrolment: Enrolment,
    scheme: Scheme,
    kind: CertificateKind,
    facts: dict[str, Any],
    *,
    issuer_id: uuid.UUID | None = None,
) -> Certificate:
    """The row with its number and token, its audit entry, and the job that hands it over.

    `issuer_id` is the organisation whose certificate it is; None: the one that the person enrolled with.

    Raises:
        ServiceError: `certificate.unprintable_name`; nothing was written.
        ConflictError: `certificate.holder_incomplete`; `blacklist.barred` with `until` and `organisation` (C7); nothing
            was written.
    """
    holder = await holder_for(work, enrolment, scheme)
    await blacklist.ensure_clear(work, scheme, number=holder.identity_number, name=holder.name)
    ensure_printable_name(holder.name)
    if enrolment.person_id is None:
        raise ConflictError("certificate.holder_incomplete", number=enrolment.number)
    certificates = CertificateRepository(work.session)
    issued_on = local_day(work.now)
    sequence = await certificates.next_in_sequence(kind.number_prefix, issued_on.year)
    certificate_id = uuid.uuid4()
    token = encode_token(work.tools.entropy.bits(TOKEN_BITS))
    digest, cipher = sealing.seal_token(work, certificate_id, token)
    certificate = Certificate(
        id=certificate_id,
        number=format_number(kind.number_prefix, issued_on.year, sequence, kind.number_digits),
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        kind_key=kind.key,
        title=kind.title,
        enrolment_id=enrolment.id,
        person_id=enrolment.person_id,
        organisation_id=issuer_id or enrolment.organisation_id,
        token_digest=digest,
        token_cipher=cipher,
        state=CertificateState.VALID,
        issued_on=issued_on,
        expires_on=last_valid_day(issued_on, kind.valid_months),
        holder_cipher=sealing.seal_holder(work, certificate_id, holder),
        facts=facts,
        created_at=work.now,
    )
    await certificates.add(certificate)
    audit.record(
        work,
        actor,
        "certificate.issued",
        "certificate",
        certificate.id,
        after={"number": certificate.number, "title": certificate.title, "enrolment": enrolment.number},
        organisation_id=certificate.organisation_id,
        scheme_ref=scheme.ref,
    )
    await defer_delivery(work, certificate)
    return certificate


async def defer_delivery(work: Work, certificate: Certificate) -> None:
    """Queue the job that prints the paper and tells its holder, once this unit of work commits."""
    await defer(
        work,
        Task.DELIVER_CERTIFICATE,
        lock=f"{LOCK_PREFIX}{certificate.id}",
        certificate_id=str(certificate.id),
    )
