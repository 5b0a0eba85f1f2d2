"""The end of listening: nobody who was let in is forgotten."""

import asyncio


async def end(server: asyncio.Server) -> None:
    """Listen no more; who has come is a connection of its protocol now, and the caller's to close.

    Without TLS: whoever still greets has come to nobody yet.

    asyncio's own `close` forgets whom it has accepted but not yet handed over: that connection
    would be served by a door that is shut, and be nobody's to close.
    """
    for line in server.sockets:
        asyncio.get_running_loop().remove_reader(line.fileno())
    try:
        for _ in range(2):  # the turns of the loop in which who has come is handed over
            await asyncio.sleep(0)
    finally:
        server.close()
