# REPLAYS: threads that feed an asyncio.Queue through the loop
import asyncio
import threading


async def main():
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def feed(k):
        for i in range(50):
            loop.call_soon_threadsafe(queue.put_nowait, (k, i))
        loop.call_soon_threadsafe(queue.put_nowait, None)

    threads = [threading.Thread(target=feed, args=(k,)) for k in range(3)]
    for thread in threads:
        thread.start()
    got, ended = [], 0
    while ended < 3:
        item = await queue.get()
        if item is None:
            ended += 1
        else:
            got.append(item)
    print(got)


asyncio.run(main())
