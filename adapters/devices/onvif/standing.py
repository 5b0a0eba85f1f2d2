"""Standing: what is active on one camera, so that a press lost in a gap is found after it. Pure.

(Signatures; the body follows.)
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.notification import Notification, Unknown
from adapters.devices.onvif.settings import InputSetting


class Standing:
    """What one camera said last of everything that begins and ends."""

    def __init__(
        self,
        known: Mapping[str, bool],
        inputs: Mapping[str, InputSetting],
        *,
        unknown_topics: Counter[str] | None = None,
    ) -> None:
        """`known`: what is stored as active or not, by key.

        `unknown_topics`: counts the topics that the table does not know (Health has one).
        """

    def take(
        self,
        heard: Iterable[Notification | Unknown],
        now: datetime,
        *,
        initial: bool,
        replayed: bool = False,
        clock_runs: bool = True,
    ) -> list[Concluded]:
        """Take one reply; what it began and ended, in order, each to be handed in once.

        Also to be called with nothing, when the first empty reply ends the initial state.

        Args:
            heard: of one reply, one POST or one Seek.
            now: our time of receipt, UTC.
            initial: it may hold the state at connect or after a synchronisation.
            replayed: it was asked for by Seek.
            clock_runs: False where the camera's clock stands still or jumps.
        """
        raise NotImplementedError

    def committed(self, concluded: Concluded) -> None:
        """The bus answered that it is stored. A refused answer is none."""
        raise NotImplementedError

    def owed(self) -> list[Concluded]:
        """What was concluded and is not stored yet, oldest first: to be handed in again."""
        raise NotImplementedError

    def due(self, now: datetime) -> list[Concluded]:
        """What ended since by its hold-off alone; to be called now and then, no timer is needed."""
        raise NotImplementedError
