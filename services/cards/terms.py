"""What a scheme says of its card: who makes it, and for which occupations it is (D7)."""

from uuid import UUID

from services.answers import plain_answers
from services.errors import ConflictError
from services.organisations import NobodyResponsibleError, responsible
from services.rules.review_chain import stages
from services.schemes.kept import values_of
from services.schemes.models import Card as CardTerms
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Enrolment


class Makers:
    """Who makes the cards; each is looked up once for an organisation and a kind."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._known: dict[tuple[UUID, str], UUID | None] = {}

    async def of(self, enrolment: Enrolment) -> UUID | None:
        """Who makes the card: who trained the person (市 for its own, 省 for 省直 classes, D7), else the organisation of the
        kind that decides last.
        """
        scheme, terms = terms_of(self.work, enrolment.scheme_ref)
        if enrolment.trainer_id is not None:
            trainer = await OrganisationRepository(self.work.session).find(enrolment.trainer_id)
            if trainer is not None and trainer.kind in terms.made_by:
                return trainer.id
        chain = [stage.organisation_kind for stage in stages(scheme, plain_answers(self.work, enrolment))]
        kind = next((kind for kind in reversed(chain) if kind in terms.made_by), terms.made_by[0])
        key = (enrolment.organisation_id, kind)
        if key not in self._known:
            try:
                self._known[key] = await responsible(self.work, *key)
            except NobodyResponsibleError:
                self._known[key] = None
        return self._known[key]


def with_cards(work: Work, scheme_id: str | None) -> list[str]:
    """Ids of the schemes that end in a card."""
    with_cards = {scheme.id for scheme in work.tools.schemes.values() if scheme.card is not None}
    return sorted(with_cards & {scheme_id} if scheme_id else with_cards)


def terms_of(work: Work, ref: str) -> tuple[Scheme, CardTerms]:
    """The scheme version, and its card. Raises ConflictError `card.not_offered`."""
    scheme = work.scheme(ref)
    if scheme.card is None:
        raise ConflictError("card.not_offered", scheme=scheme.short_title)
    return scheme, scheme.card


def occupations_of(work: Work, enrolment: Enrolment) -> tuple[str, ...]:
    """As applied for; choices by their labels."""
    scheme, terms = terms_of(work, enrolment.scheme_ref)
    if not terms.occupations:
        return ()
    labels = {option.value: option.label for option in scheme.field(terms.occupations).options}
    answer = str(enrolment.answers.get(terms.occupations, ""))
    return tuple(labels.get(value, value) for value in values_of(answer))
