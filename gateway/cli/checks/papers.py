"""Checks of site papers: the file of procedures, and the folder of plans."""

from collections.abc import Iterator

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings
from gateway.siteplan import WrongFile, procedures

UNNAMED = "plans"
"""Where plans would lie; nobody needs to have any."""


def all_of(settings: Settings) -> Iterator[Finding]:
    """Whether a gateway that starts now can read them."""
    file = settings.console.procedures_file
    try:
        found = procedures.read(file)
    except WrongFile as error:
        yield wrong("procedures", f"{error.file}: {'; '.join(error.mistakes[:3])}")
    except OSError as error:
        yield wrong("procedures", f"{file}: {error.strerror}; no gateway starts without it")
    else:
        if file is not None:
            yield ok("procedures", f"{file}, {len(found)} of them")
    folder = settings.console.plans_folder
    if folder.is_dir():
        yield ok("plans", str(folder))
    elif folder.name != UNNAMED:
        yield weak("plans", f"{folder} is no folder: no plan of a floor can be shown")
