"""Faults on request: the next calls to an API path go wrong in a chosen way."""

import itertools
from dataclasses import dataclass
from typing import Literal

Kind = Literal["errcode", "http", "timeout", "garbage", "drop_before", "drop_after"]


@dataclass
class Fault:
    """What happens to calls whose path starts with `path`.

    `value` depends on `kind`: the errcode; the HTTP status; seconds to hang; the garbage body.
    """

    id: int
    path: str
    kind: Kind
    value: int | float | str | None
    #: Calls still to spoil; None means every call until the fault is removed.
    times: int | None
    #: Calls let through first.
    skip: int = 0
    errmsg: str = ""
    hits: int = 0


class FaultPlan:
    """The faults in force, oldest first; the first that matches a path acts."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(
        self,
        path: str,
        kind: Kind,
        value: int | float | str | None,
        *,
        times: int | None,
        skip: int,
        errmsg: str,
    ) -> Fault:
        """Put a new fault in force."""
        fault = Fault(next(self._ids), path, kind, value, times, skip, errmsg)
        self.faults.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        self.faults = [] if fault_id is None else [f for f in self.faults if f.id != fault_id]

    def strike(self, path: str) -> Fault | None:
        """The fault that spoils this call, counted; None when the call goes through."""
        for fault in self.faults:
            if not path.startswith(fault.path) or fault.times == 0:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
            fault.hits += 1
            return fault
        return None
