"""Again: repeats and folds that are counted on rows of the very batch that writes these rows.

Gathered on PostgreSQL, an update does not see what the same statement inserts: such a row is
written with its counts.
"""

from collections.abc import Iterable

from gateway.store.journal import Known

Repeats = dict[tuple[str, int], tuple[Known, int]]
"""By gateway and number of the row: how often it was heard again."""
Fold = tuple[str, int, int]
"""Gateway and number of the row, and how many more are folded into it."""


def is_new(gateway: str, begun: int, row: tuple[str, int]) -> bool:
    """Whether that gateway writes this row only now, behind the row with which it begun."""
    return row[0] == gateway and row[1] > begun


def at_once(
    gateway: str, begun: int, repeats: Repeats, folds: Iterable[Fold]
) -> dict[int, tuple[int, int]]:
    """By number of each new row: how often it was heard again, and how many are folded into it."""
    counted = {
        row[1]: (times, 1) for row, (_, times) in repeats.items() if is_new(gateway, begun, row)
    }
    for of, number, times in folds:
        if is_new(gateway, begun, (of, number)):
            again, folded = counted.get(number, (0, 1))
            counted[number] = (again, folded + times)
    return counted
