"""Callbacks that are wrong on purpose, to see that the account refuses them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from simulator import callbacks, crypto, xml
from simulator.callbacks import Envelope
from simulator.config import AccountConfig
from simulator.errors import ControlError


def tamper(account: AccountConfig, envelope: Envelope, how: str) -> Envelope:
    """The envelope spoiled; `how` is a key of `WAYS`.

    Raises:
        ControlError: the way is unknown, or needs safe mode.
    """
    try:
        return WAYS[how](account, envelope)
    except KeyError:
        raise ControlError(f"tamper must be one of {', '.join(WAYS)}") from None


def _signature(_account: AccountConfig, envelope: Envelope) -> Envelope:
    return replace(envelope, query=envelope.query | {"signature": "0" * 40})


def _msg_signature(_account: AccountConfig, envelope: Envelope) -> Envelope:
    return replace(envelope, query=envelope.query | {"msg_signature": "0" * 40})


def _nonce(_account: AccountConfig, envelope: Envelope) -> Envelope:
    return replace(envelope, query=envelope.query | {"nonce": str(secrets.randbelow(10**10))})


def _timestamp(account: AccountConfig, envelope: Envelope) -> Envelope:
    return _signed(account, envelope, timestamp=str(int(time.time()) - 86_400))


def _body(account: AccountConfig, envelope: Envelope) -> Envelope:
    if account.mode == "plain":
        return replace(envelope, body=envelope.body.replace("</xml>", "<Extra>1</Extra></xml>"))
    start = envelope.body.index("<Encrypt>") + len("<Encrypt><![CDATA[") + 40
    letter = "A" if envelope.body[start] != "A" else "B"
    return replace(envelope, body=envelope.body[:start] + letter + envelope.body[start + 1 :])


def _app_id(account: AccountConfig, envelope: Envelope) -> Envelope:
    _needs_safe_mode(account)
    return _resealed(account, envelope, aes_key=account.aes_key, app_id="wx0000000000000000")


def _key(account: AccountConfig, envelope: Envelope) -> Envelope:
    _needs_safe_mode(account)
    return _resealed(account, envelope, aes_key=secrets.token_hex(21) + "A", app_id=account.app_id)


def _plain(account: AccountConfig, envelope: Envelope) -> Envelope:
    _needs_safe_mode(account)
    query = {k: v for k, v in envelope.query.items() if k not in {"encrypt_type", "msg_signature"}}
    return replace(envelope, query=query, body=envelope.xml)


def _oversize(account: AccountConfig, envelope: Envelope) -> Envelope:
    padding = "<Padding>" + "x" * 200_000 + "</Padding></xml>"
    return callbacks.seal(account, envelope.query["openid"], envelope.xml.replace("</xml>", padding))


def _needs_safe_mode(account: AccountConfig) -> None:
    if account.mode != "safe":
        raise ControlError("this way of tampering needs an account in safe mode")


def _resealed(account: AccountConfig, envelope: Envelope, *, aes_key: str, app_id: str) -> Envelope:
    encrypted = crypto.encrypt(envelope.xml, aes_key=aes_key, app_id=app_id)
    body = xml.write({"ToUserName": account.original_id, "Encrypt": encrypted})
    return _signed(account, replace(envelope, body=body), encrypted=encrypted)


def _signed(
    account: AccountConfig, envelope: Envelope, *, timestamp: str | None = None, encrypted: str | None = None
) -> Envelope:
    timestamp, nonce = timestamp or envelope.query["timestamp"], envelope.query["nonce"]
    query = envelope.query | {
        "timestamp": timestamp,
        "signature": crypto.signature(account.token, timestamp, nonce),
    }
    if account.mode == "safe":
        encrypted = encrypted or str(xml.read(envelope.body)["Encrypt"])
        query["msg_signature"] = crypto.signature(account.token, timestamp, nonce, encrypted)
    return replace(envelope, query=query)


#: Each way to spoil a callback. All but `timestamp` and `oversize` leave something unsigned or undecipherable.
WAYS: dict[str, Callable[[AccountConfig, Envelope], Envelope]] = {
    "signature": _signature,
    "msg_signature": _msg_signature,
    "nonce": _nonce,
    "timestamp": _timestamp,
    "body": _body,
    "app_id": _app_id,
    "key": _key,
    "plain": _plain,
    "oversize": _oversize,
}
