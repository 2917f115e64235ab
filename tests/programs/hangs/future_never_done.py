"""A Future that nobody sets."""

from concurrent.futures import Future, wait

promise = Future()
wait([promise])
