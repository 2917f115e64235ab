# REPLAYS: asyncio tasks, timers and cancellations in one thread
import asyncio

out = []


async def tick(name, wait):
    for i in range(5):
        await asyncio.sleep(wait)
        out.append((name, i))


async def main():
    tasks = [asyncio.create_task(tick(n, 0.001 * n)) for n in range(1, 5)]
    asyncio.get_running_loop().call_later(0.008, tasks[3].cancel)
    print(await asyncio.gather(*tasks, return_exceptions=True))
    done, left = await asyncio.wait([asyncio.create_task(tick(9, 0.002))], timeout=0.005)
    print(len(done), len(left))
    for task in left:
        task.cancel()


asyncio.run(main())
print(out)
