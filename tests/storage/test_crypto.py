"""Secrets at rest: nothing readable in the blob, nothing swapped, and keys that can be replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import DecryptionError, Keyring, WeakSecretKeysError

OLD = "an old key of an installation, 0123456789"
NEW = "a new key of the same installation, 98765"
IDENTITY = b"persons.identity_number"
PHONE = b"persons.phone"
NUMBER = "11010519491231002X"

ring = Keyring([NEW])


@given(plain=st.binary(max_size=2000), context=st.binary(max_size=40))
def test_whatever_is_encrypted_comes_back_unchanged(plain: bytes, context: bytes) -> None:
    assert ring.decrypt(ring.encrypt(plain, context=context), context=context) == plain


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_texts_of_any_script_come_back_unchanged(text: str) -> None:
    assert ring.decrypt_text(ring.encrypt_text(text, context=PHONE), context=PHONE) == text


def test_an_encrypted_identity_number_shows_nothing_of_it_and_never_looks_the_same_twice() -> None:
    first = ring.encrypt_text(NUMBER, context=IDENTITY)
    second = ring.encrypt_text(NUMBER, context=IDENTITY)
    assert NUMBER.encode() not in first
    assert first != second


def test_a_blob_moved_to_another_column_does_not_open() -> None:
    blob = ring.encrypt_text(NUMBER, context=IDENTITY)
    with pytest.raises(DecryptionError) as refused:
        ring.decrypt(blob, context=PHONE)
    assert refused.value.reason == "not_authentic"
    assert "persons.phone" in str(refused.value)


@given(data=st.data())
def test_one_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(ring.encrypt_text(NUMBER, context=IDENTITY))
    place = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[place // 8] ^= 1 << place % 8
    with pytest.raises(DecryptionError):
        ring.decrypt(bytes(blob), context=IDENTITY)


@given(garbage=st.binary(max_size=100))
def test_bytes_that_were_never_encrypted_are_refused_not_crashed_on(garbage: bytes) -> None:
    with pytest.raises(DecryptionError):
        ring.decrypt(garbage, context=IDENTITY)


def test_another_installations_key_opens_nothing_and_says_which_kind_of_failure() -> None:
    blob = ring.encrypt_text(NUMBER, context=IDENTITY)
    with pytest.raises(DecryptionError) as refused:
        Keyring([OLD]).decrypt(blob, context=IDENTITY)
    assert refused.value.reason == "unknown_key"


def test_after_a_rotation_old_rows_open_and_are_named_for_rewriting() -> None:
    written_before = Keyring([OLD]).encrypt_text(NUMBER, context=IDENTITY)
    rotated = Keyring([NEW, OLD])
    assert rotated.decrypt_text(written_before, context=IDENTITY) == NUMBER
    assert rotated.needs_rotation(written_before)

    rewritten = rotated.encrypt_text(NUMBER, context=IDENTITY)
    assert not rotated.needs_rotation(rewritten)
    assert Keyring([NEW]).decrypt_text(rewritten, context=IDENTITY) == NUMBER


def test_a_person_entered_before_a_rotation_is_still_found_after_it() -> None:
    kept_before = Keyring([OLD]).digest(NUMBER, context=IDENTITY)
    rotated = Keyring([NEW, OLD])
    assert kept_before in rotated.digests(NUMBER, context=IDENTITY)
    assert rotated.digests(NUMBER, context=IDENTITY)[0] == rotated.digest(NUMBER, context=IDENTITY)
    assert kept_before != rotated.digest(NUMBER, context=IDENTITY)


def test_equal_values_have_equal_digests_in_one_column_and_different_ones_across_columns() -> None:
    assert ring.digest(NUMBER, context=IDENTITY) == Keyring([NEW]).digest(NUMBER, context=IDENTITY)
    assert ring.digest(NUMBER, context=IDENTITY) != ring.digest(NUMBER, context=PHONE)
    assert ring.digest("b", context=b"a") != ring.digest("ab", context=b"")


def test_all_that_is_wrong_with_the_keys_is_said_at_once_without_quoting_them() -> None:
    with pytest.raises(WeakSecretKeysError) as refused:
        Keyring([NEW, "hunter2", "ab" * 20, NEW])
    message = str(refused.value)
    assert "ZHENGTU_SECRET_KEYS" in message
    assert "key 2 has 7 characters, 32 are needed" in message
    assert "key 3 repeats the same few characters" in message
    assert "key 4 is key 1 again" in message
    assert "hunter2" not in message


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(WeakSecretKeysError, match="no key"):
        Keyring([])


def test_white_space_around_a_key_in_the_list_makes_no_other_key() -> None:
    blob = Keyring([f" {NEW}\n"]).encrypt(b"x", context=PHONE)
    assert Keyring([NEW]).decrypt(blob, context=PHONE) == b"x"


def test_a_keyring_in_a_log_line_shows_no_key() -> None:
    assert NEW not in repr(Keyring([NEW, OLD]))
    assert OLD not in repr(Keyring([NEW, OLD]))
