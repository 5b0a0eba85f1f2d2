"""A password as the command line gets it: asked for, read from a file, or made; never an option."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from gateway import passwords
from gateway.domain import password as policy
from gateway.domain.password import SHORTEST, Weak
from gateway.settings import base
from gateway.store import sites
from gateway.store.database import Database

_WHY: Final = {
    Weak.SHORT: f"it has fewer than {SHORTEST} letters; a few words are easy to keep in mind",
    Weak.LONG: f"it has more than {policy.LONGEST} letters",
    Weak.UNREADABLE: "it holds a sign that no keyboard shows",
    Weak.FEW_LETTERS: f"it has fewer than {policy.LETTERS} different letters",
    Weak.GUESSABLE: "it is made of what a stranger would try first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """Where it comes from."""

    file: Path | None
    is_made: bool

    @property
    def is_named(self) -> bool:
        """Whether the command line says where from."""
        return self.file is not None or self.is_made

    def get(self, login: str) -> str:
        """It, for that person.

        Raises:
            UsageError: there is no terminal to ask at. ClickException: it is too weak.
        """
        given = self._given()
        weak = policy.weakness(given, login)
        if weak is not None:
            raise click.ClickException(f"this password will not do: {_WHY[weak]}")
        return given

    def tell(self, given: str | None, login: str) -> None:
        """Print one that was made, once and never again."""
        if self.is_made and given is not None:
            click.echo(given)
            click.echo(f"this is the password of {login}; it is shown this once", err=True)

    def _given(self) -> str:
        if self.is_made:
            return passwords.made()
        if self.file is not None:
            text = sys.stdin.read() if str(self.file) == "-" else _read(self.file)
            return text.removesuffix("\n").removesuffix("\r")
        if not sys.stdin.isatty():
            raise click.UsageError("say --password-file FILE (- is standard input), or --generate")
        asked: str = click.prompt("Password", hide_input=True, confirmation_prompt="And again")
        return asked


def password(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its Password."""

    @click.option(
        "--password-file",
        type=click.Path(path_type=Path),
        help="Read it there; - is standard input.",
    )
    @click.option("--generate", is_flag=True, help="Make one, and print it once.")
    @wraps(command)
    def asking(*args: Any, password_file: Path | None, generate: bool, **more: Any) -> None:  # noqa: ANN401 - click's
        if password_file is not None and generate:
            raise click.UsageError("--password-file or --generate, not both")
        command(*args, password=Password(file=password_file, is_made=generate), **more)

    return asking


async def warn_of_empty(database: Database, districts: tuple[str, ...]) -> None:
    """Say which district has no school: a slip in its name shows nothing, ever."""
    registry = await database.read(sites.registry)
    known = {one.district for one in registry.sites.values()}
    for one in districts:
        if one not in known:
            click.echo(
                f"no school is in district {one!r} yet; `dabyl site list` shows them", err=True
            )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise base.WrongSettings(f"{path} is no text") from None
