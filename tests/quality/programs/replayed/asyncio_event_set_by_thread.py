# REPLAYS: a thread that wakes the loop's tasks, one after the other
import asyncio
import threading


async def main():
    loop = asyncio.get_running_loop()
    events = [asyncio.Event() for _ in range(20)]
    woken = []

    async def wait(k):
        await events[k].wait()
        woken.append(k)

    def wake(part):
        for event in part:
            loop.call_soon_threadsafe(event.set)

    tasks = [asyncio.create_task(wait(k)) for k in range(20)]
    threads = [threading.Thread(target=wake, args=(events[k::2],)) for k in range(2)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*tasks)
    print(woken)


asyncio.run(main())
