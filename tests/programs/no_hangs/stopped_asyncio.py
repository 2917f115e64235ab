"""An event loop with nothing to do, and a thread that waits for what a coroutine would bring."""

import asyncio
import queue
import threading

items = queue.Queue()


async def main():
    threading.Thread(target=items.get, daemon=True).start()
    await asyncio.Event().wait()


asyncio.run(main())
