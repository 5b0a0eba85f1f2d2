"""The pages about cameras: each command in them can be typed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import dabyl

_PAGES = Path(__file__).parents[2] / "docs" / "how-to" / "cameras"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILES = ("camera.password", "FILE", "school-12.toml")


def _commands() -> Iterator[tuple[str, str]]:
    for page in sorted(_PAGES.glob("*.md")):
        for language, block in _FENCE.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if not language and line.startswith("dabyl "):
                    yield page.name, line.partition(" #")[0].strip()


def test_there_are_commands_to_type() -> None:
    assert len({line for _, line in _commands()}) >= 12


@pytest.mark.parametrize(("page", "line"), list(_commands()))
def test_a_command_of_a_page_can_be_typed(page: str, line: str, tmp_path: Path) -> None:
    del page
    file = tmp_path / "file"
    file.write_text("secret", encoding="utf-8")
    words = [str(file) if one in _FILES else one for one in shlex.split(line)[1:]]
    command: click.Command = dabyl
    context = click.Context(dabyl, info_name="dabyl")
    while isinstance(command, click.Group):
        name, words = words[0], words[1:]
        found = command.get_command(context, name)
        assert found is not None, f"{name} is no verb"
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(command.name, words, parent=context.parent)
