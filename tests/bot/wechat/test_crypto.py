"""Signatures and encryption, against the platform's vectors and an encryptor that shares no code with ours."""

import pytest

from bot.wechat.account import WeChatAccount
from bot.wechat.crypto import ForgedCallbackError, check_signature, open_sealed, seal, sign
from tests.bot.wechat import sealing
from tests.bot.wechat.conftest import make_account


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_the_platforms_own_signature_vectors_are_accepted(timestamp: str, nonce: str, signature: str) -> None:
    assert sign("AAAAA", timestamp, nonce) == signature
    check_signature(make_account(token="AAAAA"), signature=signature, timestamp=timestamp, nonce=nonce)


@pytest.mark.parametrize(
    "signature", ["", "0" * 40, "F464B24FC39322E44B38AA78F5EDD27BD1441696", "签名", "\udcff"]
)
def test_any_other_signature_is_forged(signature: str) -> None:
    with pytest.raises(ForgedCallbackError):
        check_signature(make_account(), signature=signature, timestamp="1714036504", nonce="1514711492")


def _open(account: WeChatAccount, encrypted: str, signature: str | None = None) -> tuple[str, str]:
    given = signature or sealing.sha1_of_sorted(account.token, "1", "2", encrypted)
    return open_sealed(account, encrypted, msg_signature=given, timestamp="1", nonce="2")


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 500])
def test_what_the_platform_encrypts_is_read_at_every_padding(length: int) -> None:
    xml = "证" * length
    assert _open(make_account(), sealing.encrypt(xml)) == (xml, sealing.AES_KEY)


def test_the_previous_key_still_opens_and_answers_with_itself() -> None:
    account = make_account()
    xml, key = _open(account, sealing.encrypt("<xml/>", aes_key=sealing.OLD_AES_KEY))
    answer = seal(account, "<xml>答复</xml>", aes_key=key, timestamp=3, nonce="n")
    encrypted = sealing.element(answer, "Encrypt")
    assert xml == "<xml/>"
    assert sealing.decrypt(encrypted, aes_key=sealing.OLD_AES_KEY) == ("<xml>答复</xml>", sealing.APP_ID)
    assert sealing.element(answer, "MsgSignature") == sealing.sha1_of_sorted(
        account.token, "3", "n", encrypted
    )


@pytest.mark.parametrize(
    "encrypted",
    [
        sealing.encrypt("<xml/>", aes_key=sealing.FOREIGN_AES_KEY),
        sealing.encrypt("<xml/>", app_id="wxffffffffffffffff"),
        sealing.encrypt("<xml/>")[:-4],
        "",
        "AAAA",
        "不是 base64",
        "A" * 44,
    ],
    # Cipher texts differ at every run; names must not, or workers could not share the tests out.
    ids=["foreign key", "foreign account", "cut off", "empty", "short", "no base64", "zeros"],
)
def test_what_no_key_of_ours_opens_is_forged_even_when_signed(encrypted: str) -> None:
    with pytest.raises(ForgedCallbackError):
        _open(make_account(), encrypted)


def test_a_changed_body_does_not_match_its_message_signature() -> None:
    first, second = sealing.encrypt("<xml>1</xml>"), sealing.encrypt("<xml>2</xml>")
    with pytest.raises(ForgedCallbackError):
        _open(make_account(), second, sealing.sha1_of_sorted(sealing.TOKEN, "1", "2", first))


def test_equal_answers_do_not_look_equal() -> None:
    account = make_account()
    answers = {seal(account, "<xml/>", aes_key=sealing.AES_KEY, timestamp=1, nonce="n") for _ in range(3)}
    assert len(answers) == 3


@pytest.mark.parametrize("keys", [(), ("short",), ("~" * 43,), (sealing.AES_KEY, "")])
def test_an_account_in_safe_mode_without_usable_keys_does_not_start(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"safe mode|EncodingAESKey"):
        make_account(aes_keys=keys)


def test_an_account_never_shows_its_secrets() -> None:
    shown = repr(make_account(app_secret="S3CRET"))
    assert not any(secret in shown for secret in ("S3CRET", sealing.TOKEN, sealing.AES_KEY))
