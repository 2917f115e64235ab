import contextlib

import pytest

from tracer import _core
from tracer.runs.internal import set_internal


@pytest.fixture
def recording(tmp_path):
    """`with recording() as spool:` records this process into a new spool."""

    @contextlib.contextmanager
    def record(memory=True):
        spool = tmp_path / f"spool{len(list(tmp_path.iterdir()))}"
        spool.mkdir()
        set_internal()
        _core.record.start(spool, 1, "main", memory)
        try:
            yield spool
        finally:
            _core.record.stop()

    return record
