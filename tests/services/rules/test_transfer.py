"""Bank transfers against what is due (A7)."""

import pytest

from services.rules.transfer import Due, TransferMatch, Verdict, match

TRAINING = Due(key="training", remark="培训费", amount_fen=450_000)
VERIFICATION = Due(key="verification", remark="人员能力验证费", amount_fen=18_000)
DUES = (TRAINING, VERIFICATION)


def test_a7_remark_and_amount_as_noticed_pay_the_fee() -> None:
    assert match("人员能力验证费", 18_000, DUES) == TransferMatch(
        verdict=Verdict.EXACT, fee_key="verification"
    )
    assert match(" 培训费 ", 450_000, DUES).fee_key == "training"


def test_a7_too_little_and_too_much_say_by_how_much() -> None:
    assert match("培训费", 400_000, DUES) == TransferMatch(
        verdict=Verdict.SHORT, fee_key="training", difference_fen=-50_000
    )
    assert match("培训费", 450_001, DUES) == TransferMatch(
        verdict=Verdict.OVER, fee_key="training", difference_fen=1
    )


@pytest.mark.parametrize("remark", ["", "培训", "培训费张三", "验证费", "能力验证费", "报名"])
def test_a7_any_other_remark_is_for_staff_to_decide(remark: str) -> None:
    result = match(remark, 18_000, DUES)
    assert (result.verdict, result.fee_key, result.difference_fen) == (Verdict.REMARK_UNKNOWN, None, 0)


def test_staff_are_shown_which_fee_was_probably_meant() -> None:
    assert match("培训费张三", 18_000, DUES).nearest_key == "training"
    assert match("能力验证费", 1, DUES).nearest_key == "verification"
    assert match("", 18_000, DUES).nearest_key == "verification"
    assert match("", 1, DUES).nearest_key is None


def test_a_fee_that_is_not_due_is_not_paid() -> None:
    assert match("培训费", 450_000, (VERIFICATION,)).verdict is Verdict.REMARK_UNKNOWN


def test_of_two_fees_with_one_remark_the_equal_amount_decides() -> None:
    again = Due(key="second", remark="人员能力验证费", amount_fen=58_000)
    assert match("人员能力验证费", 58_000, (VERIFICATION, again)).fee_key == "second"


def test_a_transfer_is_a_positive_amount() -> None:
    with pytest.raises(ValueError, match="positive"):
        match("培训费", 0, DUES)
