# REPLAYS: a server and its clients in one event loop
import asyncio

order = []


async def handle(r, w):
    d = await r.readline()
    order.append(d)
    w.write(d.upper())
    await w.drain()
    w.close()


async def client(port, n):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    w.write(b"a%d\n" % n)
    print(await r.readline())
    w.close()


async def main():
    s = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = s.sockets[0].getsockname()[1]
    await asyncio.gather(*(client(port, n) for n in range(5)))
    s.close()


asyncio.run(main())
print(order)
