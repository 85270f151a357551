"""The pack behind the person's one-time link (B7)."""

from uuid import UUID

from services import audit
from services.appeals.models import Pack
from services.appeals.packs import pack_of
from services.links import Link, LinkGoneError, LinkPurpose, LinkService
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.appeals import AppealRepository


async def look(work: Work, token: str, *, browser: str) -> Pack | None:
    """The pack for the browser that opened the link; None before that. Changes nothing. Raises LinkGoneError."""
    link = await LinkService(work).look(token, LinkPurpose.APPEAL, browser=browser)
    return await _pack(work, link) if link.opened else None


async def open_(work: Work, token: str, *, browser: str) -> None:
    """Bind the link to this browser; that it was opened is logged. Raises LinkGoneError."""
    if not browser:
        raise LinkGoneError
    link = await LinkService(work).open(token, LinkPurpose.APPEAL, browser=browser)
    audit.record(
        work,
        Actor(kind="applicant", id=str(link.follower_id), name="申请人"),
        "appeal.pack_opened",
        "appeal",
        link.facts["appeal"],
    )


async def _pack(work: Work, link: Link) -> Pack:
    row = await AppealRepository(work.session).find(UUID(str(link.facts["appeal"])))
    if row is None or row.enrolment.follower_id != link.follower_id or row.appeal.disclosed_at is None:
        raise LinkGoneError
    return await pack_of(work, row)
