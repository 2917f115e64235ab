# REPLAYS: run_in_executor with a pool of processes
import asyncio
from concurrent.futures import ProcessPoolExecutor


def work(k):
    return k * k


async def main():
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2) as executor:
        print(await asyncio.gather(*(loop.run_in_executor(executor, work, k) for k in range(8))))


if __name__ == "__main__":
    asyncio.run(main())
