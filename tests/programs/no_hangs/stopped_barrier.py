"""Three threads meet again and again."""

import threading

meeting = threading.Barrier(3)


def meet():
    while True:
        meeting.wait()


threads = [threading.Thread(target=meet, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
