"""Enrolling by chat: the words and manners that a candidate meets (A8–A12)."""

import asyncio
import re

import pytest
from sqlalchemy import select

from handlers.chat.texts import enrolment as texts
from handlers.chat.texts import introduction
from services.pictures import specimen
from services.unit_of_work import Tools
from storage.tables import Consent, ConsentText, Document, Enrolment, Person
from storage.tables import Follower as FollowerRow
from tests.chat import Follower

IDENTITY = "52010219900307891X"


def valid_identity(seventeen: str = "52010219900307891") -> str:
    from services.rules.identity import check_character

    return seventeen + check_character(seventeen)


async def to_first_question(follower: Follower) -> str:
    await follower.follow()
    await follower.say("报名")
    await follower.say("1")
    await follower.say("1")
    return await follower.say("同意")


async def answer_all(follower: Follower) -> str:
    await to_first_question(follower)
    for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1"):
        await follower.say(typed)
    return await follower.say("1")


async def check_pictures(tools: Tools, pictures: dict[str, bytes] | None = None) -> None:
    """What the worker does with each picture that waits."""
    from services.enrolments.documents import take_picture

    async with tools.unit_of_work() as work:
        waiting = (await work.session.scalars(select(Document).where(Document.state == "fetching"))).all()
        for document in waiting:
            plausible = (
                specimen.portrait() if document.material_key == "portrait" else specimen.id_card_front()
            )
            await take_picture(work, document.id, (pictures or {}).get(document.material_key, plausible))


async def test_a_new_follower_is_welcomed_with_what_can_be_done(follower: Follower) -> None:
    welcome = await follower.follow()
    assert "质量安全员" in welcome
    assert "1 我要报名" in welcome


async def test_before_anything_is_asked_it_is_said_that_it_is_voluntary_and_who_is_responsible_a8(
    follower: Follower,
) -> None:
    listed = await follower.say("报名")
    assert "1 质量安全员" in listed
    shown = await follower.say("1")
    assert "自愿" in shown
    assert "职业资格准入" in shown
    assert "颁证单位：国家市场监督管理总局认证认可技术研究中心" in shown
    assert "180元/次" in shown
    assert "CCAI-R-P29:2023" in shown


async def test_the_whole_consent_is_shown_and_kept_with_its_hash_a12(
    follower: Follower, tools: Tools
) -> None:
    await follower.say("报名")
    await follower.say("1")
    consent = await follower.say("1")
    assert "“免考”、“包过”、“可注册”、“可兼职/挂靠”" in consent
    assert "自愿承担相关责任" in consent
    assert "同意" in await follower.say("好的吧")
    await follower.say("同意")
    async with tools.unit_of_work() as work:
        row, text = (
            await work.session.execute(
                select(Consent, ConsentText).join(ConsentText, ConsentText.sha256 == Consent.sha256)
            )
        ).one()
    assert row.sha256 == text.sha256
    assert "自愿承担相关责任" in text.text


async def test_every_question_names_its_place_label_help_and_example(follower: Follower) -> None:
    question = await to_first_question(follower)
    assert re.search(r"（1/12）【姓名】", question)
    assert "例如：" in question
    assert "✓ 姓名：王小明" in await follower.say("王小明")


async def test_a_wrong_identity_number_is_explained_with_an_example_and_never_repeated(
    follower: Follower,
) -> None:
    await to_first_question(follower)
    await follower.say("王小明")
    wrong = valid_identity()[:-1] + ("1" if valid_identity()[-1] != "1" else "2")
    answer = await follower.say(wrong)
    assert "校验不通过" in answer
    assert "例如：" in answer
    assert wrong not in answer
    right = await follower.say(valid_identity())
    assert "520***********" in right
    assert valid_identity() not in right


async def test_after_two_failures_in_a_row_a_human_is_offered(follower: Follower) -> None:
    await to_first_question(follower)
    assert "人工" not in await follower.say("王1")
    assert "人工" in await follower.say("王2")


@pytest.mark.parametrize("typed", ["2", "２", "②", "大学本科", "本科", "dxbk"])
async def test_a_choice_is_answered_by_number_label_or_initials(follower: Follower, typed: str) -> None:
    await to_first_question(follower)
    for answer in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区"):
        await follower.say(answer)
    assert "✓ 文化程度：大学本科" in await follower.say(typed)


async def test_a_postal_address_is_asked_for_only_when_paper_is_wanted_a6(follower: Follower) -> None:
    await to_first_question(follower)
    for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1"):
        await follower.say(typed)
    assert "【邮寄地址】" in await follower.say("2")


async def test_back_goes_to_the_question_before_and_modify_to_a_named_one(follower: Follower) -> None:
    await to_first_question(follower)
    await follower.say("王小明")
    await follower.say(valid_identity())
    assert "【身份证号】" in await follower.say("返回")
    assert "【姓名】" in await follower.say("修改 姓名")
    assert "✓ 姓名：王晓明" in await follower.say("王晓明")


async def test_after_days_continue_takes_it_up_where_it_was_left(follower: Follower, clock) -> None:  # type: ignore[no-untyped-def]
    await to_first_question(follower)
    await follower.say("王小明")
    await follower.say("退出")
    assert "继续" in await follower.say("1")
    clock.move(days=5)
    assert "上次到第2步" in await follower.say("报名")
    resumed = await follower.say("继续")
    assert "已完成1/12项" in resumed
    assert "【身份证号】" in resumed


async def test_a_photo_is_named_at_once_and_judged_later(follower: Follower, tools: Tools) -> None:
    asked = await answer_all(follower)
    assert "【蓝底二寸照片】" in asked
    assert "【蓝底二寸照片】" in await follower.show("media-1")
    await check_pictures(tools)
    assert "【身份证人像面】" in await follower.say("继续")


async def test_a_landscape_picture_is_refused_as_a_portrait_and_asked_for_again_a11(
    follower: Follower, tools: Tools
) -> None:
    await answer_all(follower)
    await follower.show("media-1")
    await check_pictures(tools, {"portrait": specimen.landscape()})
    assert "【蓝底二寸照片】" in await follower.say("继续")
    async with tools.unit_of_work() as work:
        refused = (await work.session.scalars(select(Document))).one()
    assert refused.state == "refused"
    assert refused.file_key is None


async def test_the_summary_masks_and_submitting_gives_a_number(follower: Follower, tools: Tools) -> None:
    await answer_all(follower)
    for media in ("m1", "m2", "m3", "m4"):
        await follower.show(media)
    await check_pictures(tools)
    summary = await follower.say("继续")
    assert "520***********" in summary
    assert "138****8000" in summary
    assert valid_identity() not in summary
    done = await follower.say("提交")
    assert re.search(r"报名号：\d{5}", done)
    assert "审核中" in await follower.say("进度")
    assert "这时只能改联系方式" in await follower.say("修改 姓名")


async def test_what_is_kept_of_an_identity_number_is_encrypted(follower: Follower, tools: Tools) -> None:
    await answer_all(follower)
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
    assert valid_identity() not in str(enrolment.answers)
    assert "13800138000" not in str(enrolment.answers)
    assert enrolment.answers["name"] == "王小明"


async def test_submitting_too_early_names_what_is_missing(follower: Follower) -> None:
    await to_first_question(follower)
    answer = await follower.say("提交")
    assert "还差12项" in answer
    assert "【姓名】" in answer


async def test_a_second_enrolment_of_the_same_person_is_refused_while_one_runs(tools: Tools) -> None:
    one, other = Follower(tools, "oOne"), Follower(tools, "oOther")
    for follower in (one, other):
        await answer_all(follower)
        for media in ("m1", "m2", "m3", "m4"):
            await follower.show(f"{follower.openid}{media}")
        await check_pictures(tools)
    assert "已提交" in await one.say("提交")
    assert "不能重复报名" in await other.say("提交")


async def test_one_person_who_submits_in_two_schemes_at_once_becomes_one_person(tools: Tools) -> None:
    people = [Follower(tools, "oOne"), Follower(tools, "oOther")]
    for follower, scheme in zip(people, ("1", "2"), strict=True):
        await follower.say("报名")
        await follower.say(scheme)
        await follower.say("1")
        await follower.say("同意")
        for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1", "1"):
            await follower.say(typed)
        for media in ("m1", "m2", "m3", "m4"):
            await follower.show(f"{follower.openid}{media}")
    await check_pictures(tools)
    done = await asyncio.gather(*(follower.say("提交") for follower in people))
    assert all("报名号" in answer for answer in done)
    async with tools.unit_of_work() as work:
        (person,) = (await work.session.scalars(select(Person))).all()
        assert set(await work.session.scalars(select(Enrolment.person_id))) == {person.id}
        assert set(await work.session.scalars(select(FollowerRow.person_id))) == {person.id}


async def test_giving_up_asks_twice(follower: Follower) -> None:
    await to_first_question(follower)
    assert "1 先保存" in await follower.say("退出")
    assert "已放弃" in await follower.say("2")
    assert "没有正在填写" in await follower.say("继续")


async def test_a_scene_qr_opens_the_enrolment_it_stands_for(follower: Follower) -> None:
    assert "首席质量官" in await follower.follow(scene="enrol:chief-quality-officer")


async def test_an_unknown_text_gets_the_closest_answer_or_the_menu_never_silence(follower: Follower) -> None:
    assert "每个季度最后一个周末" in await follower.say("请问什么时候考试啊")
    assert "1 我要报名" in await follower.say("今天天气不错")


async def test_a_repeat_gets_the_same_reply_and_has_no_second_effect(
    follower: Follower, tools: Tools
) -> None:
    await to_first_question(follower)
    first = await follower.say("王小明", key="same")
    assert [await follower.say("王小明", key="same") for _ in range(2)] == [first, first]
    assert "【联系电话】" in await follower.say(valid_identity())


async def test_no_text_of_any_scheme_is_longer_than_a_reply_may_be(tools: Tools) -> None:
    for scheme in tools.schemes.values():
        assert len(introduction.introduction(scheme).encode()) <= 2048, scheme.id
        for consent in scheme.consents:
            assert len(texts.consent(consent).encode()) <= 2048, scheme.id
