"""The loop's own thread waits for what only the loop can do."""

import asyncio


async def answer():
    return 42


async def ask():
    loop = asyncio.get_running_loop()
    return asyncio.run_coroutine_threadsafe(answer(), loop).result()


print(asyncio.run(ask()))
