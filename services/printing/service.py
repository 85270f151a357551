"""The address of a form, and the form itself.

The paper is printed at home, at a copy shop or at the employer's, on another machine than the phone: so its address is signed
for one enrolment and material and good for some days, instead of opening once, as form pages do.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.answers import fingerprint, plain_answers
from services.errors import NotFoundError
from services.printing import content
from services.rules.localtime import local_day
from services.typesetting.form import FormSheet
from services.unit_of_work import Work
from storage.files import FileMissingError
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.printed_forms import PrintedFormRepository
from storage.states import DocumentState, EnrolmentState
from storage.tables import Document, Enrolment

LINK_LASTS: Final = timedelta(days=3)
_CONTEXT: Final = b"printed_forms.link"
#: Hexadecimal characters of a signature: 128 bits.
_SIGNATURE_LENGTH: Final = 32
_PRINTED_WHILE: Final = (EnrolmentState.DRAFT, EnrolmentState.RETURNED, EnrolmentState.IN_REVIEW)
_USABLE: Final = (DocumentState.UPLOADED, DocumentState.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A form that can be rendered; `code` is at its foot."""

    sheet: FormSheet
    code: str
    filename: str
    #: For `labels_with`, when a character cannot be printed.
    enrolment_id: UUID
    material_key: str
    #: As `PrintedForm.items`.
    items: Mapping[str, str]


def print_link(work: Work, enrolment_id: UUID, material_key: str) -> str:
    """The address of the PDF, for the applicant's own chat only, good for three days: it shows the full identity number."""
    expires = int((work.now + LINK_LASTS).timestamp())
    digest = work.tools.keyring.digest(_signed(enrolment_id, material_key, expires), context=_CONTEXT)
    signature = digest.hex()[:_SIGNATURE_LENGTH]
    return f"{work.tools.public_url}/h5/printed/{enrolment_id}/{material_key}/{expires}/{signature}.pdf"


def photo_of(documents: Iterable[Document], material_key: str | None) -> Document | None:
    """The picture that goes into the box for a photo."""
    return next(
        (
            row
            for row in documents
            if row.material_key == material_key and row.file_key is not None and row.state in _USABLE
        ),
        None,
    )


class PrintingService:
    """Forms of enrolments, by their signed address."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def prepare(self, enrolment_id: UUID, material_key: str, expires: int, signature: str) -> Prepared:
        """The form with the answers as they are now; render it outside of the unit of work.

        Raises:
            NotFoundError: `printed.gone`: a wrong or old address, or an enrolment that is over.
        """
        self._check(enrolment_id, material_key, expires, signature)
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None or enrolment.state not in _PRINTED_WHILE:
            raise NotFoundError("printed.gone")
        return await self._prepared(enrolment, material_key)

    async def keep(self, prepared: Prepared) -> None:
        """It was rendered and is handed out."""
        await PrintedFormRepository(self.work.session).keep(
            prepared.enrolment_id, prepared.material_key, prepared.code, prepared.items, self.work.now
        )

    async def unprintable_labels(self, prepared: Prepared, characters: tuple[str, ...]) -> tuple[str, ...]:
        """Which questions have an answer with a character that the typeface lacks."""
        enrolment = await EnrolmentRepository(self.work.session).get(prepared.enrolment_id)
        scheme = self.work.scheme(enrolment.scheme_ref)
        return content.labels_with(scheme, plain_answers(self.work, enrolment), characters)

    async def _prepared(self, enrolment: Enrolment, material_key: str) -> Prepared:
        scheme = self.work.scheme(enrolment.scheme_ref)
        material = next((item for item in scheme.materials if item.key == material_key), None)
        if material is None or material.printable is None:
            raise NotFoundError("printed.gone")
        printable, answers = scheme.printable(material.printable), plain_answers(self.work, enrolment)
        documents = await EnrolmentRepository(self.work.session).documents(enrolment.id)
        portrait = photo_of(documents, printable.photo)
        code = content.code_of(
            scheme,
            printable,
            answers,
            enrolment_id=enrolment.id,
            photo=portrait.pixels_sha256 if portrait else None,
        )
        return Prepared(
            sheet=content.sheet(
                scheme,
                printable,
                answers,
                number=enrolment.number,
                code=code,
                printed_on=local_day(self.work.now),
                photo=await self._picture(portrait),
            ),
            code=code,
            filename=f"{printable.title}-{enrolment.number}.pdf",
            enrolment_id=enrolment.id,
            material_key=material_key,
            items={
                key: fingerprint(self.work, answer)
                for key, answer in content.items_of(scheme, printable, answers).items()
            }
            | ({printable.photo: portrait.pixels_sha256 or ""} if portrait and printable.photo else {}),
        )

    async def _picture(self, portrait: Document | None) -> bytes | None:
        if portrait is None or portrait.file_key is None:
            return None
        try:
            return await self.work.tools.files.get(portrait.file_key)
        except FileMissingError:
            return None

    def _check(self, enrolment_id: UUID, material_key: str, expires: int, signature: str) -> None:
        said = _signed(enrolment_id, material_key, expires)
        digests = self.work.tools.keyring.digests(said, context=_CONTEXT)
        given = signature.encode()
        genuine = [
            hmac.compare_digest(given, digest.hex()[:_SIGNATURE_LENGTH].encode()) for digest in digests
        ]
        if not any(genuine) or expires < self.work.now.timestamp():
            raise NotFoundError("printed.gone")


def _signed(enrolment_id: UUID, material_key: str, expires: int) -> str:
    return f"{enrolment_id}:{material_key}:{expires}"
