"""Waits in what threads send each other through the run's own descriptors, by every function."""

import asyncio
import os
import select
import selectors
import socket
import sys
import threading
from collections.abc import Callable

num = 0


def waits_by(way: str, there: socket.socket) -> None:
    if way == "select":
        select.select([there], [], [], 100.0)
    elif way == "epoll":
        with selectors.DefaultSelector() as selector:
            selector.register(there, selectors.EVENT_READ)
            selector.select(100.0)
    elif way == "poll":
        poll = select.poll()
        poll.register(there, select.POLLIN)
        poll.poll()
    elif way == "timeout":
        there.settimeout(0.5)
        try:
            there.recv(1, socket.MSG_PEEK)
        except TimeoutError as error:
            print(error)
        there.settimeout(100.0)


def received(way: str, there: socket.socket) -> int:
    waits_by(way, there)
    if way == "recv_into":
        return there.recv_into(bytearray(1))
    if way == "recvmsg":
        return len(there.recvmsg(1)[0])
    if way == "recvfrom":
        return len(there.recvfrom(1)[0])
    if way == "file":
        return len(there.makefile("rb", buffering=0).read(1) or b"")
    return len(there.recv(1))


def by_socket(way: str) -> tuple[Callable[[], int], Callable[[], object]]:
    here, there = socket.socketpair()
    return lambda: received(way, there), lambda: here.sendall(b"x")


def by_pipe() -> tuple[Callable[[], int], Callable[[], object]]:
    reader, writer = (
        os.fdopen(end, mode, buffering=0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True)
    )
    return lambda: len(reader.read(1)), lambda: writer.write(b"x")


def by_loop() -> tuple[Callable[[], int], Callable[[], object]]:
    loop, event = asyncio.new_event_loop(), asyncio.Event()

    async def wait() -> int:
        await asyncio.sleep(100)
        await event.wait()
        return 1

    return (
        lambda: loop.run_until_complete(wait()),
        lambda: loop.call_soon_threadsafe(event.set),
    )


def large() -> tuple[Callable[[], int], Callable[[], object]]:
    here, there = socket.socketpair()
    size = 1 << 20

    def receive() -> int:
        left = size
        while left:
            left -= len(there.recv(left))
        return 1

    return receive, lambda: here.sendall(bytes(size))


def pair_for(way: str) -> tuple[Callable[[], int], Callable[[], object]]:
    if way == "pipe":
        return by_pipe()
    if way == "asyncio":
        return by_loop()
    return large() if way == "large" else by_socket(way)


def work(receive: Callable[[], int]) -> None:
    global num
    num += receive()


for _ in range(4):
    receive, send = pair_for(sys.argv[1])
    thread = threading.Thread(target=work, args=(receive,))
    thread.start()
    send()
    thread.join()
print(num)
