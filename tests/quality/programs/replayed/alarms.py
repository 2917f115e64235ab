# REPLAYS: when alarms come, into code that runs and into sleeps
import signal
import time

count = 0
hits = []


class TimeUp(Exception):
    pass


def note(number, frame):
    hits.append(count)


def raise_time_up(number, frame):
    raise TimeUp


signal.signal(signal.SIGALRM, note)
signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
while len(hits) < 3:
    count += 1
while len(hits) < 6:
    time.sleep(0.001)
    count += 1
print(hits, signal.setitimer(signal.ITIMER_REAL, 0))
signal.signal(signal.SIGALRM, raise_time_up)
signal.setitimer(signal.ITIMER_REAL, 0.01)
try:
    while True:
        count += 1
except TimeUp:
    print("time up", count)
signal.setitimer(signal.ITIMER_REAL, 0.01)
try:
    time.sleep(10)
except TimeUp:
    print("woken", count)
