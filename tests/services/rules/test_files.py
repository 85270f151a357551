"""Several pictures for one paper: which place the next one takes (C6, D6)."""

import pytest

from services.rules.files import File, Pile, has_room, place_for_next
from services.schemes.models import Material, MaterialKind

ONE = Material(key="card", label="证卡", kind=MaterialKind.DOCUMENT)
THREE = ONE.model_copy(update={"max_files": 3})


def pile(places: str) -> Pile:
    """`1 2!` are two pictures, of which the second was refused."""
    return Pile(tuple(File(int(word[0]), refused=word.endswith("!")) for word in places.split()))


@pytest.mark.parametrize(
    ("material", "there", "wanted", "place"),
    [
        (ONE, "", None, 1),
        (ONE, "1", None, 1),
        (THREE, "", None, 1),
        (THREE, "1", None, 2),
        (THREE, "1 2", 1, 1),
        (THREE, "1 2", 3, 3),
        (THREE, "1! 2", None, 1),
        (THREE, "1 3", None, 2),
        (THREE, "1 2 3", None, None),
        (THREE, "1 2 3", 2, 2),
        (THREE, "1 2 3!", None, 3),
    ],
)
def test_the_next_picture_takes_the_place_that_is_meant_or_refused_or_free_d6(
    material: Material, there: str, wanted: int | None, place: int | None
) -> None:
    assert place_for_next(material, pile(there), wanted) == place


def test_a_paper_is_complete_with_one_good_picture_and_none_refused_d6() -> None:
    assert not pile("").complete
    assert pile("1").complete
    assert not pile("1 2!").complete
    assert (pile("1 2!").good, pile("1 2!").refused) == ((1,), (2,))
    assert has_room(THREE, pile("1 2"))
    assert not has_room(THREE, pile("1 2 3"))
    assert not has_room(ONE, pile("1"))
