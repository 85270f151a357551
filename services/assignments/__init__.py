"""Assignments 派遣 of those who hold a card (D9): drawn among those who may, checked when they come, counted afterwards.

`service` is what staff look at, `planning` and `holding` what they do before and on the day, `attending` what the one
who was drawn does in the chat, `drawing` the draw itself, `releasing` who is not expected any more, `record` what is
known of somebody's work.
"""

from storage.card_states import AssignmentState, ExaminerState

__all__ = ["AssignmentState", "ExaminerState"]
