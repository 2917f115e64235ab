# REPLAYS: all clocks, and what the system tells of the time and memory that were used
import datetime
import os
import resource
import threading
import time


def look():
    clocks = [time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_PROCESS_CPUTIME_ID]
    print([time.clock_gettime(clock) for clock in clocks])
    print([time.clock_gettime_ns(clock) for clock in clocks])
    print(time.time(), time.monotonic_ns(), time.perf_counter(), time.process_time())
    print(time.thread_time_ns(), time.ctime(), time.localtime()[:6])
    print(datetime.datetime.now(), datetime.datetime.today(), datetime.date.today())
    print(os.times(), os.getloadavg())
    print(resource.getrusage(resource.RUSAGE_SELF))


threads = [threading.Thread(target=look) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
