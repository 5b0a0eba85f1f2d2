"""The connections to one place that stand while nobody asks."""

from adapters.http.line import Line


class Kept:
    """The one that was used last goes first, so that what is not needed hangs up."""

    __slots__ = ("_lines", "_rest_s", "is_closed")

    def __init__(self, rest_s: float) -> None:
        self._rest_s = rest_s
        """So long one may stand unused."""
        self._lines: list[Line] = []
        self.is_closed = False

    def take(self) -> Line | None:
        """One that still stands."""
        while self._lines:
            line = self._lines.pop()
            if line.is_open:
                return line
        return None

    def give(self, line: Line) -> None:
        """It was used; it is kept if the other side keeps it too."""
        if line.is_open and not self.is_closed:
            line.rest(self._rest_s)
            self._lines.append(line)
        else:
            line.close()

    def close(self) -> None:
        """Hang up, and keep none that is in use now."""
        self.is_closed = True
        while self._lines:
            self._lines.pop().close()
