import asyncio, gc, threading


async def worker(queue):
    while (item := await queue.get()) is not None:
        print(item)


async def fails():
    raise ValueError("in a task")


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(worker(queue), name="worker")
    for i in range(3):
        await queue.put(i)
    print(await asyncio.to_thread(lambda: threading.current_thread().name))
    await queue.put(None)
    await task
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
    except* ValueError as error:
        print(error.exceptions)
    asyncio.current_task().print_stack()
    asyncio.create_task(fails())
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    await fails()


asyncio.run(main())
