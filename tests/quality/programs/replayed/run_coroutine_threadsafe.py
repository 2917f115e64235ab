# REPLAYS: threads that run coroutines in the loop of another one
import asyncio
import threading

order = []


async def note(k):
    order.append(k)
    await asyncio.sleep(0)
    return -k


def serve():
    asyncio.set_event_loop(loop)
    loop.run_forever()


def ask(k):
    for i in range(30):
        results.append(asyncio.run_coroutine_threadsafe(note(100 * k + i), loop).result())


results = []
loop = asyncio.new_event_loop()
server = threading.Thread(target=serve)
server.start()
threads = [threading.Thread(target=ask, args=(k,)) for k in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
loop.call_soon_threadsafe(loop.stop)
server.join()
loop.close()
print(order)
print(results)
