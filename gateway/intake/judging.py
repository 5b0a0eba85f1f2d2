"""Judging: what each new event of a batch changes, one after another. No database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change, decide, meaning
from gateway.domain.event import Event
from gateway.domain.kind import Priority
from gateway.domain.outcry import Outcry
from gateway.domain.rules import Rule, Rulebook
from gateway.domain.window import Window
from gateway.intake.memory import Means


def concerns_alarms(event: Event, rules: Rulebook) -> bool:
    """Whether it can change an alarm at all; most passages cannot."""
    kind = meaning(event)
    if kind is None:
        return False
    if kind.raises is not None or kind.restores:
        return True
    return rules.fitting(event, kind) is not None


class Judge:
    """Knows the open alarms and test windows as the events before have left them."""

    def __init__(
        self,
        means: Means,
        outcry: Outcry,
        reaches: Callable[[Event, str, Rule], bool],
        opened: Mapping[str, Sequence[Alarm]],
        windows: Sequence[Window],
    ) -> None:
        """`reaches` counts one more of what a rule counts; whether that is enough.

        `opened`: the open alarms of every device whose events concern alarms.
        """
        self._means, self._outcry, self._reaches = means, outcry, reaches
        self._opened = {device: list(alarms) for device, alarms in opened.items()}
        self.windows = list(windows)
        self.tested: set[str] = set()
        """The windows in which something was heard."""

    def judge(self, event: Event) -> list[Change]:
        """What it does to its device's open alarms, and whether it raises a new one."""
        own = self._opened.get(event.device)
        if own is None:
            return []
        window = self._window(event)
        installation = self._means.teller.installation
        priority = self._priority(event)
        apart = priority is not None and self._outcry.is_apart(event, priority)
        found = decide(event, own, priority, installation, test=window is not None, apart=apart)
        if window is not None and found:
            heard = {**window.heard, event.device: window.heard.get(event.device, 0) + 1}
            self.windows[self.windows.index(window)] = replace(window, heard=heard)
            self.tested.add(window.id)
        for change in found:
            own[:] = [alarm for alarm in own if alarm.id != change.alarm.id] + [change.alarm]
        return found

    def _window(self, event: Event) -> Window | None:
        kind = meaning(event)
        if kind is None or kind.raises is None or event.kind.name == "input.cleared":
            return None
        if event.standing:
            return None  # a condition is no press: it uses up none that is expected
        at = event.received_at
        return next((one for one in self.windows if one.takes(event.device, kind, at)), None)

    def _priority(self, event: Event) -> Priority | None:
        kind = meaning(event)
        if kind is None:
            return None
        rule = self._means.rules.fitting(event, kind)
        if rule is None:
            return kind.raises
        if rule.priority is None or rule.count <= 1:
            return rule.priority
        return rule.priority if self._reaches(event, kind.name, rule) else None
