"""Entries of the audit log in words."""

from handlers.console.changes import changes


def test_a_change_says_what_it_was_and_what_it_is() -> None:
    before = {"fee": "verification", "state": "claimed", "paid_fen": None}
    after = {"fee": "verification", "state": "confirmed", "paid_fen": 18000, "sha256": "abc"}
    assert changes(before, after) == ["状态：待核对 → 已确认", "已到账：¥180.00"]


def test_times_and_lists_are_readable_and_what_stayed_is_left_out() -> None:
    before = {"place": "平台", "starts_at": "2026-12-26T01:00:00+00:00", "bring": ["身份证"]}
    after = {"place": "平台", "starts_at": "2026-12-27T01:00:00+00:00", "bring": ["身份证", "电脑"]}
    assert changes(before, after) == [
        "开始：2026年12月26日（周六）09:00 → 2026年12月27日（周日）09:00",
        "请带：身份证 → 身份证、电脑",
    ]


def test_reasons_of_a_return_are_listed() -> None:
    assert changes({}, {"state": "returned", "items": {"portrait": "背景不是蓝色"}}) == [
        "状态：退回补正",
        "退回：背景不是蓝色",
    ]


def test_whether_a_transfers_remark_was_right_is_said_in_words() -> None:
    assert changes({}, {"remark": "exact"}) == ["附言：与要求一致"]
    assert changes({}, {"remark": "other"}) == ["附言：与要求不同"]


def test_published_fees_are_said_in_yuan_and_not_as_the_row_holds_them_c5() -> None:
    item = {"item": "培训费", "amount_fen": 180000, "unit": "人", "basis": "黔价费〔2026〕1号"}
    before = {"version": 1, "items": [item], "hotline": "0851-85000000"}
    after = {"version": 2, "items": [{**item, "amount_fen": 160000}], "hotline": "0851-85000000"}
    assert changes(before, after) == ["收费：培训费 ¥1,800.00/人 → 培训费 ¥1,600.00/人"]
