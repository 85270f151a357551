"""The pictures of an enrolment, material by material: from rows to what the rules decide about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from services.rules.files import File, Pile
from storage.states import DocumentState
from storage.tables import Document


def piles(documents: Iterable[Document]) -> Mapping[str, Pile]:
    """Material key → its current pictures by their places."""
    files: dict[str, list[File]] = defaultdict(list)
    for row in documents:
        files[row.material_key].append(
            File(
                place=row.ordinal,
                refused=row.state == DocumentState.REFUSED,
                checking=row.state == DocumentState.FETCHING,
            )
        )
    return {key: Pile(tuple(sorted(found, key=lambda file: file.place))) for key, found in files.items()}


def complete(documents: Iterable[Document]) -> frozenset[str]:
    """Materials that have a picture and none that was refused."""
    return frozenset(key for key, pile in piles(documents).items() if pile.complete)
