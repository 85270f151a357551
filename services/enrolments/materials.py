"""Materials: pictures are handed in, several for some, and some may be left out; the chat says 完成 and 跳过."""

from uuid import UUID, uuid4

from services.enrolments.draft import Draft, draft_of, outdated_keys
from services.enrolments.own import OwnEnrolments
from services.enrolments.piles import piles
from services.errors import ConflictError
from services.jobs import Task, defer
from services.rules.files import pile_of, place_for_next
from storage.states import DocumentState
from storage.tables import Document, Enrolment


class MaterialService(OwnEnrolments):
    """What applicants do with materials."""

    async def hand_in(
        self,
        enrolment_id: UUID,
        material_key: str,
        media_id: str,
        *,
        account: str,
        follower_id: UUID,
        place: int | None = None,
    ) -> Draft:
        """Take a picture for one material: it is fetched and checked by a job.

        Of a material of several pictures it takes the next place, or that of the one at `place`; a form that was printed
        anew takes the place of all pages of the old one, and stays open until the submission. Raises ConflictError as
        `answer`, or `enrolment.files_full` (`limit`).
        """
        enrolment = await self._open(enrolment_id, follower_id)
        self._ensure_reopened(enrolment, material_key)
        material = self.work.scheme(enrolment.scheme_ref).material(material_key)
        if material_key in outdated_keys(self.work, enrolment):
            old = [row for row in enrolment.documents if row.material_key == material_key]
            self.enrolments.leave_out(enrolment, old, at=self.work.now)
            enrolment.reopened = sorted({*enrolment.reopened, material_key})
        pile = pile_of(piles(enrolment.documents), material_key)
        ordinal = place_for_next(material, pile, place)
        if ordinal is None:
            raise ConflictError("enrolment.files_full", key=material_key, limit=material.max_files)
        document = Document(
            id=uuid4(),
            enrolment_id=enrolment.id,
            material_key=material_key,
            ordinal=ordinal,
            state=DocumentState.FETCHING,
            media_id=media_id,
            refusal={},
            warnings={},
            created_at=self.work.now,
        )
        await self.enrolments.add_document(enrolment, document)
        enrolment.skipped = [key for key in enrolment.skipped if key != material_key]
        self._done(enrolment, material_key)
        await self.work.session.flush()
        await defer(self.work, Task.TAKE_PICTURE, document_id=str(document.id), account=account)
        return draft_of(self.work, enrolment)

    async def skip_material(self, enrolment_id: UUID, material_key: str, *, follower_id: UUID) -> Draft:
        """Leave an optional material out. Raises ConflictError as `answer`, or `enrolment.required`."""
        enrolment = await self._open(enrolment_id, follower_id)
        draft = draft_of(self.work, enrolment)
        self._ensure_reopened(enrolment, material_key)
        if draft.scheme.material(material_key).is_required(dict(draft.answers)):
            raise ConflictError("enrolment.required", key=material_key)
        enrolment.skipped = sorted({*enrolment.skipped, material_key})
        self._leave_out(enrolment, material_key, pile_of(draft.files, material_key).refused)
        self._done(enrolment, material_key)
        return draft_of(self.work, enrolment)

    async def settle(self, enrolment_id: UUID, material_key: str, *, follower_id: UUID) -> Draft:
        """No more pictures for this material: those that were refused and not sent again are left out.

        Raises ConflictError as `answer`, or `enrolment.no_file` when none would be left.
        """
        enrolment = await self._open(enrolment_id, follower_id)
        self._ensure_reopened(enrolment, material_key)
        pile = pile_of(piles(enrolment.documents), material_key)
        if not pile.good:
            raise ConflictError("enrolment.no_file", key=material_key)
        if pile.refused:
            self._leave_out(enrolment, material_key, pile.refused)
            self._done(enrolment, material_key)
        return draft_of(self.work, enrolment)

    def _leave_out(self, enrolment: Enrolment, material_key: str, places: tuple[int, ...]) -> None:
        refused = [
            row for row in enrolment.documents if row.material_key == material_key and row.ordinal in places
        ]
        if refused:
            self.enrolments.leave_out(enrolment, refused, at=self.work.now)
