"""The ledger: what devices said, and what they were promised for it; nobody else's word counts."""

from dataclasses import dataclass, field

from simulators.story import Happening

Key = tuple[str, str]
"""Device and event id."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A receipt."""

    at: float
    copies: int
    """On how many machines it is; 0: the device was told that the centre has it."""


@dataclass(slots=True)
class Ledger:
    """Presses and passages, by key; times in seconds of the day's clock, one machine's."""

    said: dict[Key, float] = field(default_factory=dict)
    promised: dict[Key, Promise] = field(default_factory=dict)
    passed: dict[Key, float] = field(default_factory=dict)
    passages_promised: dict[Key, Promise] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def hear(self, happening: Happening) -> None:
        """Take in what a simulated device tells of itself."""
        self.note(
            happening.what,
            happening.device or "",
            {**happening.facts, "at": happening.at.timestamp()},
        )

    def note(self, what: str, device: str, facts: "dict[str, object]") -> None:
        """The same, from a line of JSON."""
        at, key = float(str(facts["at"])), (device, str(facts.get("event")))
        is_passage = str(facts.get("kind", "")).startswith("passage.")
        match what:
            case "told":
                (self.passed if is_passage else self.said)[key] = at
            case "stored":
                promise = Promise(at, int(str(facts.get("copies") or 0)))
                (self.passages_promised if is_passage else self.promised).setdefault(key, promise)
            case "answered":
                # The centre's confirmation may be quicker than the receipt: it is worth more.
                if facts.get("command") == "confirm" and facts.get("event") is not None:
                    self.promised.setdefault(key, Promise(at, 0))
            case "refused":
                self.refused.append(f"{device} {facts.get('reason')}")
            case _:
                """A lamp, a line that is gone: nobody was promised anything."""

    @property
    def waiting(self) -> int:
        """How much has no receipt yet."""
        return len(self.said.keys() - self.promised.keys()) + len(
            self.passed.keys() - self.passages_promised.keys()
        )
