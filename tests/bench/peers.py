"""What people know for the same echo, each as its documentation shows it, behind gunicorn (`…:flask_echo()`)."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from tests.bench.bare import PATH

#: Variables of the environment: the account as JSON, and the file of the durable one.
ACCOUNT, DATABASE = "BENCH_ACCOUNT", "BENCH_SQLITE"


def flask_echo() -> Flask:
    """wechatpy and Flask; nothing is kept."""
    return _flask(lambda message, reply: None)


def flask_durable() -> Flask:
    """wechatpy and Flask with one durable row a message: SQLite, write-ahead log, synchronous=FULL."""
    threads = threading.local()

    def connection() -> sqlite3.Connection:
        if not hasattr(threads, "connection"):
            threads.connection = sqlite3.connect(os.environ[DATABASE], timeout=30, isolation_level=None)
            threads.connection.execute("PRAGMA journal_mode=WAL")
            threads.connection.execute("PRAGMA synchronous=FULL")
            threads.connection.execute(
                "CREATE TABLE IF NOT EXISTS inbound"
                " (message_id INTEGER PRIMARY KEY, openid TEXT, received_at REAL, reply TEXT)"
            )
        kept: sqlite3.Connection = threads.connection
        return kept

    def keep(message: Any, reply: str) -> None:
        row = (message.id, message.source, time.time(), reply)
        connection().execute("INSERT OR IGNORE INTO inbound VALUES (?, ?, ?, ?)", row)

    return _flask(keep)


def _flask(keep: Callable[[Any, str], None]) -> Flask:
    app, account = Flask("echo"), json.loads(os.environ[ACCOUNT])
    crypto = WeChatCrypto(account["token"], account["aes_keys"][0], account["app_id"])

    @app.post(PATH)
    def take() -> str:
        query = request.args
        check_signature(account["token"], query["signature"], query["timestamp"], query["nonce"])
        opened = crypto.decrypt_message(
            request.get_data(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        message = parse_message(opened)
        reply = create_reply(message.content, message).render()
        keep(message, reply)
        sealed: str = crypto.encrypt_message(reply, query["nonce"], query["timestamp"])
        return sealed

    return app


def werobot_echo() -> Any:
    """WeRoBot's own WSGI application; without its sessions, which an echo does not need."""
    from bottle import Bottle
    from werobot import WeRoBot
    from werobot.contrib.bottle import make_view

    account = json.loads(os.environ[ACCOUNT])
    robot = WeRoBot(
        config={
            "TOKEN": account["token"],
            "APP_ID": account["app_id"],
            "ENCODING_AES_KEY": account["aes_keys"][0],
            "SESSION_STORAGE": False,
        }
    )
    robot.text(lambda message: message.content)
    app = Bottle()
    app.route(PATH, ["POST"], make_view(robot))
    return app
