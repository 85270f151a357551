"""The three quality-safety schemes: what their documents fix, as data."""

import pytest

from services.schemes.loader import SchemeCatalogue, load_catalogue


@pytest.fixture(scope="module")
def schemes() -> SchemeCatalogue:
    return load_catalogue()


@pytest.mark.parametrize(
    ("scheme_id", "code", "hours", "fen"),
    [
        ("quality-safety-officer", "CCAI-R-P29:2023", 30, 18000),
        ("quality-safety-director", "CCAI-R-P28:2023", 40, 58000),
        ("chief-quality-officer", "CCAI-R-P27:2023", 60, 58000),
    ],
)
def test_each_cites_its_rule_document_with_hours_and_fee_a2_a3(
    schemes: SchemeCatalogue, scheme_id: str, code: str, hours: int, fen: int
) -> None:
    scheme = schemes.current(scheme_id)
    assert scheme.rule_document.code == code
    assert scheme.hours is not None
    assert scheme.hours.required == hours
    assert scheme.fee("verification").amount_fen == fen


def test_verification_is_online_where_the_source_says_so_and_on_site_where_instruments_are_needed_b3(
    schemes: SchemeCatalogue,
) -> None:
    assert schemes.current("quality-safety-officer").exam_terms.form == "online"
    assert schemes.current("metrology-length-4").exam_terms.form == "on_site"


def test_hours_method_and_review_are_in_the_file_and_what_no_document_says_is_marked_b4(
    schemes: SchemeCatalogue,
) -> None:
    scheme = schemes.current("quality-safety-officer")
    assert scheme.grading_terms.method == "robust-v1"
    assert [stage.label for stage in scheme.review] == ["促进会审核"]
    assert {"grading.robust", "exam.duration_minutes", "review"} <= set(scheme.proposed)


def test_complaints_go_to_the_research_centre_and_questions_to_the_organiser_a9(
    schemes: SchemeCatalogue,
) -> None:
    contacts = schemes.current("quality-safety-officer").contacts
    supervision = [contact for contact in contacts if contact.purpose == "supervision"]
    assert supervision
    assert all(contact.phones or contact.mails for contact in supervision)
    assert any("促进会" in contact.name for contact in contacts if contact.purpose == "help")
