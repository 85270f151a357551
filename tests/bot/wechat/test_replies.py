"""What the follower sees of an answer, read back by a parser that is not ours."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat.replies import fit, render
from handlers.chat.messages import HandOver, ImageReply, NewsReply, NoReply, Reply, TextReply

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def _read(reply: Reply) -> dict[str, str]:
    xml = render(reply, to_openid="oWho", from_id="gh_us", at=AT)
    assert xml is not None
    return {node.tag: node.text or "" for node in ElementTree.fromstring(xml).iter() if len(node) == 0}  # noqa: S314


def test_a_text_goes_to_the_person_from_the_account() -> None:
    assert _read(TextReply(text="您好")) == {
        "ToUserName": "oWho",
        "FromUserName": "gh_us",
        "CreateTime": "1795226400",
        "MsgType": "text",
        "Content": "您好",
    }


def test_picture_card_and_hand_over_have_the_platforms_shapes() -> None:
    assert _read(ImageReply(media_id="M1"))["MediaId"] == "M1"
    card = _read(NewsReply(title="题", description="述", url="https://a.cn/?a=1&b=2", picture_url=""))
    assert (card["ArticleCount"], card["Title"], card["Url"]) == ("1", "题", "https://a.cn/?a=1&b=2")
    assert _read(HandOver())["MsgType"] == "transfer_customer_service"


@pytest.mark.parametrize("reply", [NoReply(), TextReply(text=""), TextReply(text=" \n\x07")])
def test_nothing_to_say_is_the_plain_word_success(reply: Reply) -> None:
    assert render(reply, to_openid="o", from_id="g", at=AT) is None


def test_a_closing_cdata_mark_and_control_characters_do_no_harm() -> None:
    assert _read(TextReply(text="a]]>b\x00\x08\x1f\ufffe]]]>&lt;<c>"))["Content"] == "a]]>b]]]>&lt;<c>"


@given(st.text(st.characters(codec=None), max_size=1500))
def test_any_text_makes_xml_of_at_most_2048_bytes(text: str) -> None:
    xml = render(TextReply(text=text), to_openid="o", from_id="g", at=AT)
    if xml is not None:
        content = ElementTree.fromstring(xml).findtext("Content") or ""  # noqa: S314
        assert len(content.encode()) <= 2048


def test_a_text_of_exactly_2048_bytes_is_whole_and_one_more_is_cut_at_a_character() -> None:
    whole = "a" * 2 + "证" * 682
    assert fit(whole) == whole
    cut = fit(whole + "a")
    assert cut.endswith("证……")
    assert len(cut.encode()) <= 2048


def test_a_long_list_is_cut_after_a_whole_line() -> None:
    lines = [f"{n}. 质量安全员（贵阳）开班通知第{n}期" for n in range(1, 100)]
    *kept, last = fit("\n".join(lines)).split("\n")
    assert last == "……"
    assert kept == lines[: len(kept)]


def test_a_link_is_never_cut_in_two() -> None:
    cut = fit("字" * 670 + '<a href="https://example.cn/a/very/long/address/indeed">查看</a>')
    assert cut == "字" * 670 + "……"
