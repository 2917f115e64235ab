"""A coroutine waits for another one in a way that stops their loop."""

import asyncio
import queue

items = queue.Queue()


async def produce():
    await asyncio.sleep(0)
    items.put(1)


async def consume():
    task = asyncio.create_task(produce())
    item = items.get()
    await task
    return item


print(asyncio.run(consume()))
