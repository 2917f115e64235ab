# REPLAYS: asyncio.wait_for whose time is over, of a thread's work
import asyncio
import threading

go_on = threading.Event()


async def main():
    try:
        await asyncio.wait_for(asyncio.to_thread(go_on.wait), 0.05)
    except TimeoutError:
        print("time is over")
    go_on.set()
    print(await asyncio.wait_for(asyncio.to_thread(go_on.wait), 5))


asyncio.run(main())
