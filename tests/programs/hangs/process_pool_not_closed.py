"""A pool is joined whose tasks wait for each other."""

import multiprocessing


def prepare(event):
    global meeting
    meeting = event


def wait(_):
    meeting.wait()


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    pool = context.Pool(2, prepare, (context.Event(),))
    pool.map_async(wait, range(2), chunksize=1)
    pool.close()
    pool.join()
