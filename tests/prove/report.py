"""The report: figures on the screen, docs/reference/proof.md, and the loss table of the README."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from tests.harness.revision import ROOT
from tests.prove import catalog, keeping
from tests.prove.keeping import Kept

PAGE = keeping.REFERENCE.with_suffix(".md")
README = ROOT / "README.md"
NEXT_STEPS = keeping.REFERENCE / "next-steps.toml"
BEGIN, END = "<!-- loss table: begin -->", "<!-- loss table: end -->"
_TEMPLATE = Path(__file__).with_name("proof.md.template")


def show(kept: Kept) -> None:
    """Print what one proof found."""
    if kept.found is None:
        print(f"  NOT PROVEN: {kept.failed}")
        return
    for figure in kept.found.figures:
        beside = f"{figure.measured:>14s}  {figure.target_says:14s} {figure.verdict}"
        print(f"  {figure.name:58s} {beside}".rstrip())


def write() -> None:
    """Write the page and the README's table from all that is kept."""
    kept = in_order(keeping.load(keeping.REFERENCE))
    PAGE.write_text(page(kept), encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), kept), encoding="utf-8")


def in_order(kept: Iterable[Kept]) -> list[Kept]:
    """As the catalog lists them."""
    places = {proof.key: place for place, proof in enumerate(catalog.PROOFS)}
    return sorted(kept, key=lambda one: (places.get(one.key, len(places)), one.key))


def page(kept: Sequence[Kept]) -> str:
    """The page of the manual."""
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    machines = dict.fromkeys(one.machine for one in kept)
    return template.substitute(
        machine="; ".join(machines) or "Nowhere yet",
        short=_shortfalls(kept),
        losses="\n".join(table(kept)),
        sections="\n".join(_section(one) for one in kept).rstrip(),
    )


def table(kept: Sequence[Kept]) -> list[str]:
    """The loss table."""
    rows = [
        f"| {loss.harm}{_on(one.key)} | {loss.times:,} | {loss.presses:,} | {loss.lost:,} |"
        f" {loss.doubled:,} |"
        for one in kept
        if one.found is not None
        for loss in one.found.losses
    ]
    return [
        "| what was done | times | receipted presses | lost | told under two keys |",
        "|---|--:|--:|--:|--:|",
        *rows,
    ]


def with_table(text: str, kept: Sequence[Kept]) -> str:
    """A page with the loss table between its marks."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return "\n".join([f"{head}{BEGIN}", *table(kept), f"{END}{tail}"])


def _shortfalls(kept: Sequence[Kept]) -> str:
    steps = tomllib.loads(NEXT_STEPS.read_text(encoding="utf-8")) if NEXT_STEPS.exists() else {}
    lines = []
    for one in kept:
        if one.found is None:
            lines.append(f"- **{one.key}** did not come to its end: {one.failed}.")
            continue
        for figure in one.found.short_of:
            step = steps.get(one.key, {}).get(figure.name, "not yet looked into")
            lines.append(
                f"- **{one.key}**, {figure.name}: asked {figure.target_says},"
                f" measured {figure.measured}. Next step: {step}."
            )
    return "\n".join(lines) if lines else "Nothing."


def _section(one: Kept) -> str:
    command = f"python -m tests.prove --only {one.key}"
    lines = [
        f"### {one.key}",
        "",
        f"{one.says}. `{command}`, {one.at}, commit {one.commit}, {one.took_s:,.0f} s.",
        "",
    ]
    if one.found is None:
        return "\n".join([*lines, f"**Not proven: {one.failed}.**", ""])
    rows = [
        f"| {figure.name} | {figure.target_says} | {figure.measured} | {figure.verdict} |"
        for figure in one.found.figures
    ]
    lines += ["| figure | asked | measured |  |", "|---|--:|--:|---|", *rows, ""]
    return "\n".join([*lines, *(f"{note}\n" for note in one.found.notes)])


def _on(key: str) -> str:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(key.rpartition("-")[2])
    return f" ({name})" if name else ""
