"""A portrait of nearly the right shape: a crop is offered to the person, who takes it or leaves it (A11, C6).

Nothing is overwritten: what is taken becomes a document of its own, and the picture as it was sent stays with the one
before it.
"""

from uuid import UUID, uuid4

from services import audit
from services.errors import NotFoundError
from services.models import Actor, DocumentState, EnrolmentState
from services.notices import NoticeService
from services.pictures.models import Doubt, Picture
from services.schemes.models import Material
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import CROP, Document, Enrolment


async def offer(
    work: Work, document: Document, enrolment: Enrolment, material: Material, crop: Picture, following: str
) -> None:
    """Keep the crop with its document, and show it to the person; `following` says how the enrolment goes on."""
    key = f"documents/{uuid4().hex}"
    await work.tools.files.put(key, crop.content)
    kept = {
        "file_key": key,
        "width": crop.width,
        "height": crop.height,
        "pixels_sha256": crop.pixels_sha256,
    }
    ratio = document.warnings[Doubt.RATIO_OFF]
    document.warnings = {**document.warnings, Doubt.RATIO_OFF: {**ratio, CROP: kept}}
    await NoticeService(work).send(
        enrolment.follower_id,
        "document_crop_offered",
        cause=str(document.id),
        facts={"material": material.label, "cut": _cut(document, crop), "picture": key, "next": following},
        enrolment_id=enrolment.id,
    )


async def take(work: Work, follower_id: UUID, *, actor: Actor) -> Material:
    """Put the crop that was offered last in the place of the picture that was sent; gives what it is a picture of.

    Raises:
        NotFoundError: `document.no_crop`, none is offered, or its enrolment was submitted meanwhile.
    """
    found = await EnrolmentRepository(work.session).find_crop(follower_id)
    if found is None:
        raise NotFoundError("document.no_crop")
    before, enrolment = found
    if enrolment.state == EnrolmentState.RETURNED and before.material_key not in enrolment.reopened:
        raise NotFoundError("document.no_crop")
    crop = before.warnings[Doubt.RATIO_OFF][CROP]
    before.superseded_at = work.now
    await work.session.flush()
    work.session.add(
        Document(
            id=uuid4(),
            enrolment_id=enrolment.id,
            material_key=before.material_key,
            ordinal=before.ordinal,
            state=DocumentState.UPLOADED,
            media_id=before.media_id,
            media_type=before.media_type,
            file_key=crop["file_key"],
            width=crop["width"],
            height=crop["height"],
            original_sha256=before.original_sha256,
            pixels_sha256=crop["pixels_sha256"],
            refusal={},
            warnings={code: facts for code, facts in before.warnings.items() if code != Doubt.RATIO_OFF},
            created_at=work.now,
        )
    )
    audit.record_enrolment(
        work,
        actor,
        "document.cropped",
        enrolment,
        before={"width": before.width, "height": before.height},
        after={"material": before.material_key, "width": crop["width"], "height": crop["height"]},
    )
    return work.scheme(enrolment.scheme_ref).material(before.material_key)


def _cut(document: Document, crop: Picture) -> str:
    """Where the crop takes something away, and how much."""
    width, height = document.width or crop.width, document.height or crop.height
    if crop.width < width:
        return f"左右两边一共裁掉约{_percent(crop.width, width)}%"
    return f"上下一共裁掉约{_percent(crop.height, height)}%"


def _percent(kept: int, whole: int) -> int:
    return max(1, round(100 - 100 * kept / whole))
