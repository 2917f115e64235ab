# REPLAYS: threads that give callbacks to a loop
import asyncio
import threading


async def main():
    loop = asyncio.get_running_loop()
    out = []

    def give(n):
        for _ in range(200):
            loop.call_soon_threadsafe(out.append, n)

    threads = [threading.Thread(target=give, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    while len(out) < 600:
        await asyncio.sleep(0)
    for thread in threads:
        thread.join()
    print(hash(tuple(out)), sum(a != b for a, b in zip(out, out[1:])))


asyncio.run(main())
