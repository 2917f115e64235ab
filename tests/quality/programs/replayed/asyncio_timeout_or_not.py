# REPLAYS: asyncio.wait_for of sleeps about as long as its time
import asyncio


async def one(k):
    try:
        await asyncio.wait_for(asyncio.sleep(0.005), 0.005 + k * 0.0001)
        return "done"
    except TimeoutError:
        return "over"


async def main():
    print([await one(k) for k in range(-5, 12)])
    print(await asyncio.gather(*(one(k) for k in range(-5, 12))))


asyncio.run(main())
