"""The spool directory of a run."""

from __future__ import annotations

import threading
from pathlib import Path

from tracer.runs import destination


def test_the_spool_goes_while_a_process_that_is_left_running_opens_files_in_it(
    tmp_path: Path,
) -> None:
    for number in range(100):
        place = destination.explicit(tmp_path / f"{number}.msgpack", force=False)
        ready = threading.Event()

        def open_files(spool: Path = place.spool, ready: threading.Event = ready) -> None:
            try:
                for file in range(1_000_000):
                    (spool / f"p1.t{file}.events").touch()
                    ready.set()
            except FileNotFoundError:
                return  # as the orphan: its recording has ended

        orphan = threading.Thread(target=open_files)
        orphan.start()
        ready.wait()
        place.remove_spool()
        orphan.join()
        assert not place.spool.exists()
