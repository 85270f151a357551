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
    CHOOSING_ORGANISATION = (
        "choosing_organisation"  #: memory: scheme, listed, and enrolment while it is a draft
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
    RESUMING_CHANGE = (
        "resuming_change"  #: memory: request. Whether to go on with one that was left was asked (E8)
    )
    CHANGING_WHERE = "changing_where"  #: memory: enrolments, and field when one was named. Of several, which
    CHANGING_WHICH = "changing_which"  #: memory: enrolment. Which field to change was asked
    CHANGING_VALUE = "changing_value"  #: memory: enrolment, field. The new value was asked
    CHANGING_REASON = "changing_reason"  #: memory: request. Why was asked
    CHANGING_PROOF = "changing_proof"  #: memory: request. Pictures are awaited, and 提交
    TAKING_BACK = "taking_back"  #: memory: requests. Which change to take back was asked
    REPLACING = "replacing"  #: memory: certificates. Which certificate to replace was asked
    ERASING = "erasing"  #: memory: seen (fingerprint of what was told). 确认删除 is awaited (C11)
    RECALLING = (
        "recalling"  #: their identity number is awaited, by which they find what they handed in before (C11)
    )
    NAMING_THEMSELVES = (
        "naming_themselves"  #: name and identity number are awaited, to answer to an entry (C7)
    )
    STATING = "stating"  #: memory: entry for who named themselves. What is written or shown is kept as a statement (C7)
    APPEALING_WHICH = "appealing_which"  #: memory: results. Which result they object to was asked (B7)
    APPEALING_WHY = (
        "appealing_why"  #: memory: result, and appeal when it is to be written again. Why was asked
    )
    APPEALING = "appealing"  #: memory: appeal, result. What was written was shown, 提交 is awaited
    ADDING_TO_APPEAL = "adding_to_appeal"  #: memory: appeal. What is written is added to it
    WITHDRAWING_APPEAL = "withdrawing_appeal"  #: memory: appeal. Whether to take it back was asked
    CHOOSING_ASSIGNMENT = (
        "choosing_assignment"  #: memory: examiners. Which one they cannot come to was asked (D9)
    )
    DECLINING = "declining"  #: memory: examiner. Why they cannot come was asked
    ASKING_FOR_COPY = (
        "asking_for_copy"  #: memory: asked, `card/cause` each. Which new copy of a card was asked (D9)
    )
    RELEASING_SEAT = "releasing_seat"  #: memory: enrolment
    PICKING_ENROLMENT = "picking_enrolment"  #: memory: topic, enrolments. Which of several is meant was asked
