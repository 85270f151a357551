"""Every message and event of the platform, as the chat meets it; wechatpy reads the same bodies as a second opinion."""

from datetime import UTC, datetime

import pytest
from wechatpy import parse_message

from bot.wechat.codec import EVENTS, MAX_DEDUPE_KEY, MESSAGES, parse
from bot.wechat.crypto import ForgedCallbackError
from bot.wechat.xml import MalformedCallbackError, read_fields
from handlers.chat.messages import (
    ImageMessage,
    Inbound,
    MassReceipt,
    MenuClicked,
    OtherEvent,
    OtherMessage,
    Scanned,
    Subscribed,
    TemplateReceipt,
    TextMessage,
    Unsubscribed,
)
from tests.bot.wechat.conftest import make_account
from tests.bot.wechat.sealing import OPENID, ORIGINAL_ID, event, message

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PREFIX = f"event:{OPENID}|1795226400|"


def read(xml: str) -> Inbound:
    return parse(make_account(), xml)


def test_a_text_is_stripped_and_keyed_by_its_msgid() -> None:
    assert read(message("text", "<Content><![CDATA[ 报名\n]]></Content>")) == TextMessage(
        account="main", openid=OPENID, dedupe_key="msg:6000000000000000001", sent_at=AT, content="报名"
    )


@pytest.mark.parametrize(
    "content", ["", "<Content></Content>", "<Content><![CDATA[]]></Content>", "<Content/>"]
)
def test_a_text_without_content_is_an_empty_text(content: str) -> None:
    inbound = read(message("text", content))
    assert isinstance(inbound, TextMessage)
    assert inbound.content == ""


def test_a_tap_on_a_message_menu_carries_its_id() -> None:
    inbound = read(message("text", "<Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>"))
    assert isinstance(inbound, TextMessage)
    assert (inbound.content, inbound.menu_id) == ("满意", "101")


def test_a_person_may_write_about_doctypes_and_entities() -> None:
    inbound = read(message("text", "<Content><![CDATA[<!DOCTYPE html><!ENTITY a 'b'>&a;]]></Content>"))
    assert isinstance(inbound, TextMessage)
    assert inbound.content == "<!DOCTYPE html><!ENTITY a 'b'>&a;"


def test_a_photo_is_known_by_its_media_id() -> None:
    inbound = read(message("image", "<PicUrl>http://a.cn/p</PicUrl><MediaId>M-1</MediaId>"))
    assert isinstance(inbound, ImageMessage)
    assert (inbound.media_id, inbound.pic_url) == ("M-1", "http://a.cn/p")


OTHER_MESSAGES = {
    "voice": "<MediaId>V</MediaId><Format>amr</Format>",
    "video": "<MediaId>V</MediaId><ThumbMediaId>T</ThumbMediaId>",
    "shortvideo": "<MediaId>V</MediaId><ThumbMediaId>T</ThumbMediaId>",
    "location": "<Location_X>26.6</Location_X><Location_Y>106.7</Location_Y><Scale>15</Scale><Label>贵阳</Label>",
    "link": "<Title>t</Title><Description>d</Description><Url>u</Url>",
}


@pytest.mark.parametrize("kind", OTHER_MESSAGES)
def test_the_other_message_kinds_come_through_with_their_facts(kind: str) -> None:
    xml = message(kind, OTHER_MESSAGES[kind])
    inbound = read(xml)
    assert isinstance(inbound, OtherMessage)
    assert inbound.kind == kind == parse_message(xml).type
    assert inbound.facts == read_fields(f"<xml>{OTHER_MESSAGES[kind]}</xml>")


def test_the_tests_know_every_message_kind() -> None:
    assert {"text", "image", *OTHER_MESSAGES} == MESSAGES


def test_a_message_kind_of_the_future_is_still_a_message() -> None:
    xml = message("hologram", "<Depth>3</Depth>").replace("<MsgId>6000000000000000001</MsgId>", "")
    inbound = read(xml)
    assert isinstance(inbound, OtherMessage)
    assert inbound.dedupe_key == f"hologram|{OPENID}|1795226400"


def test_a_follow_by_scene_code_has_its_scene() -> None:
    xml = event("subscribe", "<EventKey><![CDATA[qrscene_class-12]]></EventKey><Ticket>T</Ticket>")
    inbound = read(xml)
    assert inbound == Subscribed(
        account="main",
        openid=OPENID,
        dedupe_key=PREFIX + "subscribe|qrscene_class-12",
        sent_at=AT,
        scene="class-12",
    )
    assert parse_message(xml).scene_id == "class-12"


@pytest.mark.parametrize("key", ["", "<EventKey></EventKey>", "<EventKey>last_trade_no_4001</EventKey>"])
def test_a_plain_follow_has_no_scene(key: str) -> None:
    inbound = read(event("subscribe", key))
    assert isinstance(inbound, Subscribed)
    assert inbound.scene is None


def test_unfollow_scan_and_menu_click_are_told_apart() -> None:
    assert isinstance(read(event("unsubscribe", "<EventKey/>")), Unsubscribed)
    scanned = read(event("SCAN", "<EventKey>class-12</EventKey><Ticket>T</Ticket>"))
    assert isinstance(scanned, Scanned)
    assert (scanned.scene, scanned.dedupe_key) == ("class-12", PREFIX + "SCAN|class-12")
    clicked = read(event("CLICK", "<EventKey>ENROL</EventKey>"))
    assert isinstance(clicked, MenuClicked)
    assert clicked.key == "ENROL"


@pytest.mark.parametrize("status", ["success", "failed:user block", "failed: system failed"])
def test_a_template_receipt_names_the_message_and_what_became_of_it(status: str) -> None:
    inbound = read(event("TEMPLATESENDJOBFINISH", f"<MsgID>200163836</MsgID><Status>{status}</Status>"))
    assert isinstance(inbound, TemplateReceipt)
    assert (inbound.msgid, inbound.status) == ("200163836", status)
    assert inbound.dedupe_key == PREFIX + "TEMPLATESENDJOBFINISH||200163836"


def test_a_mass_receipt_has_its_counts() -> None:
    inbound = read(
        event(
            "MASSSENDJOBFINISH",
            "<MsgID>1000001625</MsgID><Status>send success</Status><TotalCount>100</TotalCount>"
            "<FilterCount>80</FilterCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount>"
            "<CopyrightCheckResult><Count>2</Count><ResultList><item><ArticleIdx>1</ArticleIdx></item>"
            "<item><ArticleIdx>2</ArticleIdx></item></ResultList><CheckState>2</CheckState></CopyrightCheckResult>",
        )
    )
    assert isinstance(inbound, MassReceipt)
    assert (inbound.msgid, inbound.total, inbound.filtered, inbound.sent, inbound.errors) == (
        "1000001625",
        100,
        80,
        75,
        5,
    )


_GRANT = "<List><TemplateId>{}</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
OTHER_EVENTS = {
    "LOCATION": "<Latitude>26.6</Latitude><Longitude>106.7</Longitude><Precision>119.3</Precision>",
    "VIEW": "<EventKey>https://example.cn/?a=1&amp;b=2</EventKey><MenuId>4</MenuId>",
    "view_miniprogram": "<EventKey>pages/index</EventKey><MenuId>4</MenuId>",
    "scancode_push": "<EventKey>6</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult>"
    "</ScanCodeInfo>",
    "scancode_waitmsg": "<EventKey>6</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>2</ScanResult>"
    "</ScanCodeInfo>",
    "pic_sysphoto": "<EventKey>6</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>a</PicMd5Sum>"
    "</item></PicList></SendPicsInfo>",
    "pic_photo_or_album": "<EventKey>6</EventKey><SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a"
    "</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>",
    "pic_weixin": "<EventKey>6</EventKey><SendPicsInfo><Count>0</Count><PicList></PicList></SendPicsInfo>",
    "location_select": "<EventKey>6</EventKey><SendLocationInfo><Location_X>23</Location_X></SendLocationInfo>",
    "PUBLISHJOBFINISH": "<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>0</publish_status>"
    "<article_detail><count>1</count><item><idx>1</idx></item></article_detail></PublishEventInfo>",
    "subscribe_msg_popup_event": "<SubscribeMsgPopupEvent>"
    + _GRANT.format("T1")
    + "</SubscribeMsgPopupEvent>",
    "subscribe_msg_change_event": "<SubscribeMsgChangeEvent>"
    + _GRANT.format("T1")
    + _GRANT.format("T2")
    + "</SubscribeMsgChangeEvent>",
    "subscribe_msg_sent_event": "<SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId><MsgID>17</MsgID>"
    "<ErrorCode>0</ErrorCode></List></SubscribeMsgSentEvent>",
    "kf_create_session": "<KfAccount>test1@test</KfAccount>",
    "kf_close_session": "<KfAccount>test1@test</KfAccount>",
    "kf_switch_session": "<FromKfAccount>a@test</FromKfAccount><ToKfAccount>b@test</ToKfAccount>",
    "user_info_modified": "<OpenID>o1</OpenID><RevokeInfo>1</RevokeInfo>",
    "user_authorization_revoke": "<OpenID>o1</OpenID><RevokeInfo>301</RevokeInfo>",
    "qualification_verify_success": "<ExpiredTime>1442401156</ExpiredTime>",
    "qualification_verify_fail": "<FailTime>1442401122</FailTime><FailReason>by time</FailReason>",
    "naming_verify_success": "<ExpiredTime>1442401156</ExpiredTime>",
    "naming_verify_fail": "<FailTime>1442401061</FailTime><FailReason>by time</FailReason>",
    "annual_renew": "<ExpiredTime>1442401156</ExpiredTime>",
    "verify_expired": "<ExpiredTime>1442401156</ExpiredTime>",
    "something_of_the_future": "<Deep><List><A>1</A></List></Deep>",
}


@pytest.mark.parametrize("name", OTHER_EVENTS)
def test_every_other_event_comes_through_under_its_own_name(name: str) -> None:
    xml = event(name, OTHER_EVENTS[name])
    inbound = read(xml)
    assert isinstance(inbound, OtherEvent)
    assert inbound.event == name
    assert inbound.dedupe_key == PREFIX + f"{name}|{inbound.key}"
    assert inbound.facts
    assert parse_message(xml).source == inbound.openid


def test_the_tests_know_every_event() -> None:
    met = {name.lower() for name in OTHER_EVENTS} - {"something_of_the_future"}
    met |= {"subscribe", "unsubscribe", "scan", "click", "templatesendjobfinish", "masssendjobfinish"}
    assert met == EVENTS


def test_one_grant_and_two_grants_are_numbered_alike() -> None:
    one = read(event("subscribe_msg_popup_event", OTHER_EVENTS["subscribe_msg_popup_event"]))
    two = read(event("subscribe_msg_change_event", OTHER_EVENTS["subscribe_msg_change_event"]))
    assert isinstance(one, OtherEvent)
    assert isinstance(two, OtherEvent)
    assert one.facts["SubscribeMsgPopupEvent.List.0.TemplateId"] == "T1"
    assert two.facts["SubscribeMsgChangeEvent.List.1.TemplateId"] == "T2"


def test_a_long_event_key_makes_a_bounded_dedupe_key_that_still_tells_two_apart() -> None:
    keys = [
        read(event("VIEW", f"<EventKey>https://example.cn/{'a' * 900}{tail}</EventKey>")).dedupe_key
        for tail in "12"
    ]
    assert keys[0] != keys[1]
    assert all(len(key) == MAX_DEDUPE_KEY for key in keys)


TEXT = message("text", "<Content>hi</Content>")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"\xff\xfe<xml/>",
        b"{}",
        "<html></html>",
        "<xml>",
        "<xml></xml>",
        "<xml><MsgType>text</MsgType></xml>",
        TEXT.replace(OPENID, ""),
        TEXT.replace(OPENID, "a b"),
        TEXT.replace("1795226400", "soon"),
        TEXT.replace("1795226400", "-1"),
        TEXT.replace("1795226400", "9" * 30),
        TEXT.replace("6000000000000000001", ""),
        TEXT.replace("6000000000000000001", "１２３"),
        TEXT.replace("<MsgType>", "<MsgType>x</MsgType><MsgType>"),
        TEXT.replace("</xml>", "<FromUserName>oSomebodyElse</FromUserName></xml>"),
        TEXT.replace("hi", "&#0;"),
        TEXT.replace("hi", "\x01"),
        TEXT.replace("hi", "&xxe;"),
        '<!DOCTYPE xml [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>' + TEXT.replace("hi", "&xxe;"),
        "<!DOCTYPE xml>" + TEXT,
        TEXT.replace("hi", "<a>" * 9 + "</a>" * 9),
        message("image", "<PicUrl>http://a.cn/p</PicUrl>"),
        event("TEMPLATESENDJOBFINISH", "<Status>success</Status>"),
        event("MASSSENDJOBFINISH", "<MsgID>1</MsgID><TotalCount>many</TotalCount>"),
        event(""),
    ],
)
def test_what_is_no_callback_is_malformed_and_nothing_worse(body: bytes | str) -> None:
    with pytest.raises(MalformedCallbackError):
        parse(make_account(original_id=""), body)


def test_a_callback_for_another_account_is_forged() -> None:
    with pytest.raises(ForgedCallbackError):
        read(TEXT.replace(ORIGINAL_ID, "gh_somebody_else"))
