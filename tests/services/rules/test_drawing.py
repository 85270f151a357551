"""Lots that anybody can draw again (D9)."""

from collections import Counter

from services.rules.drawing import draw, seed_of

CANDIDATES = [f"SCKP2026{number:06d}X" for number in range(1, 11)]


def test_the_same_seed_and_candidates_draw_the_same_whatever_their_order_d9() -> None:
    seed = seed_of(12345)
    assert draw(seed, CANDIDATES, 3) == draw(seed, CANDIDATES[::-1], 3)
    assert len(seed) == 32


def test_nobody_is_drawn_twice_and_too_few_candidates_are_all_drawn_d9() -> None:
    drawn = draw(seed_of(7), [*CANDIDATES, *CANDIDATES], 20)
    assert sorted(drawn) == CANDIDATES


def test_a_larger_draw_begins_with_the_smaller_one_d9() -> None:
    seed = seed_of(99)
    assert draw(seed, CANDIDATES, 5)[:2] == draw(seed, CANDIDATES, 2)


def test_every_candidate_is_drawn_about_as_often_as_any_other_d9() -> None:
    counts = Counter(one for seed in range(2_000) for one in draw(seed_of(seed), CANDIDATES, 3))
    assert all(500 < counts[one] < 700 for one in CANDIDATES)
