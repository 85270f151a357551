"""Form pages: opened by a one-time link, saved into the draft, closed when they are handed in or left."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.answers import fingerprint, is_still
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError
from services.forms import page
from services.forms.models import Entry, Filled, Saved, Sheet
from services.links import Link, LinkGoneError, LinkPurpose, LinkService
from services.rules import tables
from services.rules.answers import read, shown
from services.rules.errors import InvalidValueError
from services.rules.localtime import local_day
from services.rules.tables import Grid
from services.schemes.models import FieldKind, FormField
from services.unit_of_work import Work


def offer(work: Work, follower_id: UUID, enrolment_id: UUID, field_key: str) -> str:
    """The address of a page for this question of the follower's draft: for their chat only."""
    return LinkService(work).give(
        LinkPurpose.FORM, follower_id=follower_id, enrolment_id=enrolment_id, facts={"field": field_key}
    )


class FormService:
    """What an applicant does on a form page. Every method raises LinkGoneError when the link is not (or no more) theirs."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.links = LinkService(work)
        self.enrolments = EnrolmentService(work)

    async def look(self, token: str, *, browser: str) -> Sheet | None:
        """The page; None while nobody has opened the link, and then nothing of the draft is shown."""
        link = await self.links.look(token, LinkPurpose.FORM, browser=browser)
        draft = await self._draft(link)
        if not draft.open:
            raise LinkGoneError
        return self._sheet(draft, link) if link.opened else None

    async def open(self, token: str, *, browser: str) -> None:
        """Bind the link to this browser."""
        await self.links.open(token, LinkPurpose.FORM, browser=browser)

    async def leave(self, token: str, *, browser: str) -> None:
        """Close the page without keeping what was typed last."""
        await self.links.close(await self.links.use(token, LinkPurpose.FORM, browser=browser), "left")

    async def save(self, token: str, filled: Filled, *, browser: str, finish: bool) -> Saved:
        """Keep what is right; with `finish` close the page, if everything was and the question that it is about is answered.

        What could not be kept comes back as it was typed: a wrong answer with what is wrong, and one that was given
        elsewhere since the page was opened together with that other one, to be decided between.
        """
        link = await self.links.use(token, LinkPurpose.FORM, browser=browser)
        draft, troubles, kept = await self._draft(link), dict[str, Entry](), list[str]()
        wanted = page.asked_now(draft, str(link.facts.get("field", "")))
        for field in page.editable(draft):
            if (typed := filled.typed(field.key)) is None:
                continue
            question = _Question(field, typed, filled.seen.get(field.key, ""), finish and field.key == wanted)
            before = draft
            draft, trouble = await self._take(link, draft, question, keep=field.key in filled.theirs)
            if trouble is not None:
                troubles[field.key] = trouble
            elif draft is not before:
                kept.append(field.label)
        sheet = self._sheet(draft, link, troubles, tuple(kept))
        done = finish and draft.open and not sheet.wrong
        if done:
            await self.links.close(link, "done")
        return Saved(sheet=sheet, done=done)

    async def _take(
        self, link: Link, draft: Draft, question: "_Question", *, keep: bool
    ) -> tuple[Draft, Entry | None]:
        """The draft with one more answer, or what hinders it; the same draft when there is nothing to do."""
        field, typed = question.field, question.typed
        current = draft.answers.get(field.key)
        plain = page.entry(field, draft, self._fingerprint, answered=current is not None)
        if not draft.open:
            return draft, page.troubled(plain, typed, draft)
        if keep:
            return draft, None
        meanwhile = not is_still(self.work, current, question.seen)
        if page.is_blank(typed):
            return await self._take_blank(link, draft, question, plain, meanwhile=meanwhile)
        theirs = (shown(field, current or "") or "不填") if meanwhile else ""
        try:
            value = read(field, typed, today=local_day(self.work.now), answers=draft.answers)
        except InvalidValueError as error:
            return draft, page.troubled(plain, typed, draft, error=error, theirs=theirs)
        untouched = value == current or is_still(self.work, value, question.seen)
        if meanwhile and not untouched:
            return draft, page.troubled(plain, typed, draft, theirs=theirs)
        # What was sent back is confirmed by handing it in again.
        if not untouched or (question.must and field.key in draft.returned):
            try:
                draft = await self.enrolments.answer(
                    draft.id,
                    field.key,
                    typed,
                    follower_id=link.follower_id,
                    seen=self._fingerprint(current),
                )
            except ConflictError:
                return await self._overtaken(link, field, typed)
        if question.must and (rows := _empty_rows(field, draft)):
            plain = page.entry(field, draft, self._fingerprint, answered=False)
            unfilled = InvalidValueError("table.rows", rows=rows)
            return draft, page.troubled(plain, typed, draft, error=unfilled)
        return draft, None

    async def _take_blank(
        self, link: Link, draft: Draft, question: "_Question", plain: Entry, *, meanwhile: bool
    ) -> tuple[Draft, Entry | None]:
        """Nothing was typed: an optional answer is taken away, a required one stays, and is asked for in the end."""
        field, current = question.field, draft.answers.get(question.field.key)
        if field.sensitive and current:
            return draft, None
        if plain.optional and not meanwhile and current != "" and (current or question.must):
            return await self.enrolments.skip(draft.id, field.key, follower_id=link.follower_id), None
        if not plain.optional and ((current and not meanwhile) or (question.must and not current)):
            empty = InvalidValueError("form.empty")
            return draft, page.troubled(plain, question.typed, draft, error=empty)
        return draft, None

    async def _overtaken(self, link: Link, field: FormField, typed: str | Grid) -> tuple[Draft, Entry]:
        """Somebody was faster, between our look and our lock: show both."""
        draft = await self._draft(link)
        current = draft.answers.get(field.key)
        plain = page.entry(field, draft, self._fingerprint, answered=current is not None)
        theirs = (shown(field, current or "") or "不填") if draft.open else ""
        return draft, page.troubled(plain, typed, draft, theirs=theirs)

    async def _draft(self, link: Link) -> Draft:
        if link.enrolment_id is None:
            raise LinkGoneError
        return await self.enrolments.get(link.enrolment_id, follower_id=link.follower_id)

    def _sheet(
        self,
        draft: Draft,
        link: Link,
        troubles: Mapping[str, Entry] | None = None,
        kept: tuple[str, ...] = (),
    ) -> Sheet:
        wanted = str(link.facts.get("field", ""))
        return page.sheet(draft, wanted, self._fingerprint, troubles or {}, kept)

    def _fingerprint(self, answer: str | None) -> str:
        return fingerprint(self.work, answer)


@dataclass(frozen=True)
class _Question:
    """One question as it comes from the page; `must`: the page is to be closed, and is about this one."""

    field: FormField
    typed: str | Grid
    seen: str
    must: bool


def _empty_rows(field: FormField, draft: Draft) -> int:
    """How many rows of a table have nothing in them; 0 for other kinds."""
    if field.kind is not FieldKind.TABLE:
        return 0
    there = tables.filled(draft.answers.get(field.key, ""))
    return sum(name not in there for name in tables.row_names(field, draft.answers))
