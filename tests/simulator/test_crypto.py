"""The platform's signature and encryption, against its published vectors and against itself."""

import base64
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from simulator import crypto, xml

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize(
    ("timestamp", "nonce", "expected"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ],
)
def test_the_published_signature_vectors_hold(timestamp: str, nonce: str, expected: str) -> None:
    assert crypto.signature("AAAAA", timestamp, nonce) == expected
    assert crypto.signature_matches(expected, "AAAAA", timestamp, nonce)
    assert not crypto.signature_matches(expected[:-1] + "0", "AAAAA", timestamp, nonce)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_what_is_encrypted_can_be_read_with_the_same_key_only(text: str) -> None:
    sealed = crypto.encrypt(text, aes_key=KEY, app_id="wx1")
    assert crypto.decrypt(sealed, aes_key=KEY, app_id="wx1") == text
    with pytest.raises(crypto.CryptoError):
        crypto.decrypt(sealed, aes_key=KEY, app_id="wx2")


def test_the_ciphertext_has_the_layout_the_platform_publishes() -> None:
    sealed = base64.b64decode(crypto.encrypt("<xml/>", aes_key=KEY, app_id="wxapp"))
    key = base64.b64decode(KEY + "=")
    opened = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = opened.update(sealed) + opened.finalize()
    assert len(plain) % 32 == 0
    assert plain[16:20] == struct.pack(">I", 6)
    assert plain[20 : -plain[-1]] == b"<xml/>wxapp"


@pytest.mark.parametrize("garbage", ["", "not base64!", "YWJj", base64.b64encode(bytes(64)).decode()])
def test_garbage_is_refused_not_crashed_on(garbage: str) -> None:
    with pytest.raises(crypto.CryptoError):
        crypto.decrypt(garbage, aes_key=KEY, app_id="wx1")


@given(st.text(alphabet="]>[<!&a贵\n", max_size=30))
def test_any_text_survives_a_cdata_section(text: str) -> None:
    assert xml.read(xml.write({"Content": text}))["Content"] == text


def test_a_document_type_is_refused() -> None:
    with pytest.raises(xml.ReplyError, match="document type"):
        xml.read('<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>')


@pytest.mark.parametrize("text", ["<xml/>", "<xml>报名</xml>", "x" * 500])
def test_another_library_reads_what_is_encrypted_here_and_the_other_way_round(text: str) -> None:
    library = WeChatCrypto("AAAAA", KEY, "wx1")
    theirs = PrpCrypto(library.key)
    assert theirs.decrypt(crypto.encrypt(text, aes_key=KEY, app_id="wx1"), "wx1") == text
    assert crypto.decrypt(theirs.encrypt(text, "wx1").decode(), aes_key=KEY, app_id="wx1") == text
