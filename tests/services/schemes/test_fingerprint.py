"""A published scheme version keeps its hash, whatever the model learns later (B12)."""

from typing import Annotated

import pytest

from services.schemes.fingerprint import sha256
from services.schemes.loader import load_catalogue
from services.schemes.parts import LATER, Part


class Before(Part):
    title: str
    count: int = 3


class After(Part):
    title: str
    count: int = 3
    learnt: Annotated[str, LATER] = ""


class Outer(Part):
    inner: tuple[After, ...]


@pytest.mark.parametrize(
    ("ref", "hashed"),
    [
        ("quality-safety-officer@2024.4", "d7bb8dfa227e476b6d61e2ae5f6ae8e2ec4f23c3204b71c74c84952ec96bff58"),
        (
            "quality-safety-director@2024.4",
            "c017b0b0152ee9b6660744438d152c85bc0d33855e7049cfa41db579edf85923",
        ),
        ("chief-quality-officer@2024.4", "5002269755a4cdd2284c949aeeb1c2d93a695495adbd32e9e4fbb2f2ca245ea1"),
    ],
)
def test_what_was_published_keeps_its_hash_b12(ref: str, hashed: str) -> None:
    assert load_catalogue().loaded[ref].sha256 == hashed


def test_a_key_that_is_learnt_later_counts_only_when_it_is_used_b12() -> None:
    assert sha256(After(title="甲")) == sha256(Before(title="甲"))
    assert sha256(After(title="甲", learnt="乙")) != sha256(Before(title="甲"))
    assert sha256(Outer(inner=(After(title="甲"),))) != sha256(Outer(inner=(After(title="甲", learnt="乙"),)))


def test_a_default_that_was_there_from_the_start_counts() -> None:
    assert sha256(Before(title="甲")) != sha256(Before(title="甲", count=4))
