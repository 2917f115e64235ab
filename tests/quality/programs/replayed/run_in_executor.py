# REPLAYS: loop.run_in_executor, with an executor of the program's own and the loop's
import asyncio
from concurrent.futures import ThreadPoolExecutor

order = []


def work(k):
    order.append(k)
    return k


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(3) as executor:
        waits = [loop.run_in_executor(executor if k % 2 else None, work, k) for k in range(40)]
        for done in asyncio.as_completed(waits):
            order.append(-await done)


asyncio.run(main())
print(order)
