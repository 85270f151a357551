"""Materials that may be left out, and materials of several pictures: what the chat says 跳过 and 完成 for."""

from uuid import UUID

from services.enrolments.piles import piles
from services.enrolments.service import Draft, EnrolmentService
from services.errors import ConflictError
from services.rules.files import pile_of
from storage.tables import Enrolment


class MaterialService(EnrolmentService):
    """What applicants do with materials besides handing pictures in."""

    async def skip_material(self, enrolment_id: UUID, material_key: str, *, follower_id: UUID) -> Draft:
        """Leave an optional material out. Raises ConflictError as `answer`, or `enrolment.required`."""
        enrolment = await self._open(enrolment_id, follower_id)
        draft = self._view(enrolment)
        self._ensure_reopened(enrolment, material_key)
        if draft.scheme.material(material_key).is_required(dict(draft.answers)):
            raise ConflictError("enrolment.required", key=material_key)
        enrolment.skipped = sorted({*enrolment.skipped, material_key})
        self._leave_out(enrolment, material_key, pile_of(draft.files, material_key).refused)
        self._done(enrolment, material_key)
        return self._view(enrolment)

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
        return self._view(enrolment)

    def _leave_out(self, enrolment: Enrolment, material_key: str, places: tuple[int, ...]) -> None:
        refused = [
            row for row in enrolment.documents if row.material_key == material_key and row.ordinal in places
        ]
        if refused:
            self.enrolments.leave_out(enrolment, refused, at=self.work.now)
