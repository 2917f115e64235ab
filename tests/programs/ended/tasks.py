"""Tasks of asyncio, with a thread that they wait for."""

import asyncio
import sys
import time


async def work(queue):
    while (number := await queue.get()) is not None:
        await asyncio.to_thread(time.sleep, 0.001 * number)


async def main():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(work(queue)) for _ in range(3)]
    end = time.monotonic() + 1
    while time.monotonic() < end:
        await queue.put(2)
        await asyncio.sleep(0.002)
    for _ in tasks:
        await queue.put(None)
    await asyncio.gather(*tasks)


asyncio.run(main())
print("done")
sys.exit(7)
