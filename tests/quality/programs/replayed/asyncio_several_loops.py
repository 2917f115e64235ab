# REPLAYS: a loop in each of several threads, which share a list
import asyncio
import threading

out = []


async def main(k):
    for i in range(10):
        out.append((k, i))
        await asyncio.sleep(0.001)


threads = [threading.Thread(target=asyncio.run, args=(main(k),)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
