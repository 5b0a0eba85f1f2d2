"""Site papers, joined: the folder of plans and the file of procedures, as the pages read them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gateway.domain.procedure import Procedure
from gateway.settings import Settings, WrongSettings
from gateway.siteplan import WrongFile, pictures, procedures

THREADS = 2
WITHIN_S = 5.0


@dataclass(slots=True, kw_only=True)
class Plans:
    """Reads pictures of floors in threads of its own: a share that hangs holds nobody else up."""

    folder: Path
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS))
    _under_way: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(THREADS))

    async def read(self, name: str) -> bytes | None:
        """The bytes of that picture; None: there is none.

        Raises:
            OSError: it cannot be told now.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(WITHIN_S), self._under_way:
            return await loop.run_in_executor(self._threads, pictures.read, self.folder, name)


def written_procedures(config: Settings) -> tuple[Procedure, ...]:
    """What a dispatcher does, by the kind of the alarm.

    Raises:
        WrongSettings: the file cannot be read, or says something wrong.
    """
    try:
        return procedures.read(config.console.procedures_file)
    except WrongFile as error:
        told = "; ".join(error.mistakes[:3])
        raise WrongSettings(f"console.procedures_file: {error.file}: {told}") from None
    except OSError as error:
        raise WrongSettings(f"console.procedures_file cannot be read: {error}") from None
