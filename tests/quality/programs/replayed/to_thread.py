# REPLAYS: asyncio.to_thread, several at once
import asyncio

order = []


def work(k):
    order.append(k)
    return sum(range(k * 111 % 3000))


async def main():
    print(await asyncio.gather(*(asyncio.to_thread(work, k) for k in range(40))))


asyncio.run(main())
print(order)
