"""The section `[escalation]`: whom an alarm reaches the longer nobody acts on it."""

from typing import Annotated

from pydantic import Field, model_validator

from gateway.settings.base import Name, Section

_Seconds = Annotated[int, Field(ge=5, le=3600)]


class Escalation(Section):
    """The ladder; its times count from when an alarm began to ask."""

    priorities: tuple[Annotated[int, Field(ge=0, le=1)], ...] = (0, 1)
    supervisor_s: _Seconds = 30
    everyone_s: _Seconds = 60
    receiver_s: _Seconds = 120
    response_s: _Seconds = 120
    """So long a P0 may be held, or only seen, before anybody says what is done."""
    receiver: Name | None = None
    """One of [[receiver]], to be called on the last rung."""

    @model_validator(mode="after")
    def _climbs(self) -> "Escalation":
        if 0 not in self.priorities:
            raise ValueError("priorities must hold 0: a cry always climbs")
        if not self.supervisor_s <= self.everyone_s <= self.receiver_s:
            raise ValueError("supervisor_s, everyone_s and receiver_s must follow each other")
        return self
