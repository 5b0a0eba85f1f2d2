import asyncio
from tests.stories import town as towns
async def test_x(tmp_path):
    async with towns.opened(tmp_path) as town:
        await town.centre.mode("hang")
        for n in range(1, 4):
            await town.devices.press(f"button-{n}")
        await town.dabyl.kill()
        await town.centre.mode("ok")
        await town.dabyl.start()
        await town.devices.press("button-9")
        try:
            for n in range(1, 4):
                await towns.told(town.centre, f"button-{n}", within_s=10)
        finally:
            print(await town.rows("select id,state,claimed_by,claimed_until,attempts from deliveries"))
            print(town.dabyl.log()[-3000:])
