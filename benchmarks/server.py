"""A threaded HTTP server under load: what a web application would pay."""

from __future__ import annotations

from .measure import Bench


def measure(bench: Bench) -> None:
    print("http.server.ThreadingHTTPServer, a thread a request, asked by another process:")
    print("the server's processor time, times plain Python")
    bench.recorded("threaded server", "threaded_server")
    bench.recorded("threaded server, --no-memory", "threaded_server", "--no-memory")
