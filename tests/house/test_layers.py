"""Who may import whom: the contracts in pyproject.toml, run by import-linter."""

from click.testing import CliRunner
from importlinter.cli import lint_imports_command


def test_every_part_imports_only_what_stands_below_it() -> None:
    result = CliRunner().invoke(lint_imports_command, ["--no-logo", "--no-cache"])
    assert result.exit_code == 0, result.output
