"""What may be left out, and for whom it may not (D6, D8)."""

import pytest

from services.rules.completeness import Step, missing, reopened
from services.schemes.loader import load_catalogue
from services.schemes.models import Scheme

CATALOGUE = load_catalogue()
CERTIFICATE = Step("material", "qualification")


@pytest.mark.parametrize(
    ("grounds", "skipped", "asked"),
    [
        ('["practice"]', (), True),
        ('["practice"]', ("qualification",), False),
        ('["qualification", "practice"]', ("qualification",), True),
    ],
)
def test_a_certificate_may_be_left_out_by_who_does_not_apply_by_it_d6(
    grounds: str, skipped: tuple[str, ...], *, asked: bool
) -> None:
    special = CATALOGUE.current("sichuan-special-examiner")
    lacking = missing(special, {"grounds": grounds}, ("portrait",), skipped)
    assert (CERTIFICATE in lacking) is asked


def test_an_optional_question_that_was_skipped_is_asked_again_when_it_becomes_required_d8() -> None:
    written = CATALOGUE.current("sichuan-supervisor").model_dump()
    for field in written["fields"]:
        if field["key"] == "card_number":
            field["required_when"] = {"field": "channel", "is_in": ["local"]}
    scheme = Scheme.model_validate(written)
    step = Step("field", "card_number")
    assert step not in missing(scheme, {"card_number": "", "channel": "provincial"}, ())
    assert step in missing(scheme, {"card_number": "", "channel": "local"}, ())
    assert step not in missing(scheme, {"card_number": "123", "channel": "local"}, ())


def test_what_would_do_instead_of_a_returned_paper_is_open_too_c6() -> None:
    metrology = next(scheme for scheme in CATALOGUE.values() if scheme.alternatives)
    assert reopened(metrology, ["diploma_check"]) == {"diploma", "diploma_check", "loss_statement"}
    assert reopened(metrology, ["work_proof"]) == {"work_proof"}
