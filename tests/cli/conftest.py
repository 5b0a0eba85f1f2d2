"""A shell for each test."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A folder with settings, in which commands run."""
    return Shell(tmp_path, capsys)
