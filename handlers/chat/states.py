"""Where a conversation can stand; kept with the follower, so that a restart loses nothing."""

from enum import StrEnum


class ChatState(StrEnum):
    """What was asked last."""

    IDLE = ""
    MENU = "menu"  #: the numbered menu was shown
    CHOOSING_SCHEME = "choosing_scheme"
    INTRODUCED = "introduced"  #: memory: scheme. What it is and costs was shown
    CHOOSING_NOTICE = (
        "choosing_notice"  #: memory: scheme, classes. Which sub-centre's class to enrol with (C6)
    )
    CONSENTING = "consenting"  #: memory: enrolment, consent
    ANSWERING = "answering"  #: memory: enrolment, field, seen (fingerprint of the answer that was there)
    PHOTOGRAPHING = "photographing"  #: memory: enrolment, material when one was asked for by name, place of one to replace
    SUMMARISING = "summarising"  #: memory: enrolment. Everything is there, 提交 is awaited
    MODIFYING = "modifying"  #: memory: enrolment. Which item to change was asked
    LEAVING = "leaving"  #: memory: enrolment. Whether to give the draft up was asked
    CHOOSING_CLASS = "choosing_class"  #: memory: enrolment, classes
    PAYING = "paying"  #: memory: enrolment, and fee when one was chosen
    CHOOSING_SITTING = "choosing_sitting"  #: memory: enrolment, sittings
    STATING = "stating"  #: what is written or shown is kept as the person's statement (C7)
    CHOOSING_ASSIGNMENT = (
        "choosing_assignment"  #: memory: examiners. Which one they cannot come to was asked (D9)
    )
    DECLINING = "declining"  #: memory: examiner. Why they cannot come was asked
    RELEASING_SEAT = "releasing_seat"  #: memory: enrolment
