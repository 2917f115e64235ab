# CLEAN: a pool of one worker calls the callbacks one after the other, or main does so before them
import concurrent.futures

finished = []


def note(future):
    finished.append(future.result())


def work(number):
    return number


with concurrent.futures.ThreadPoolExecutor(1) as pool:
    for number in range(3):
        pool.submit(work, number).add_done_callback(note)
assert sorted(finished) == [0, 1, 2]
