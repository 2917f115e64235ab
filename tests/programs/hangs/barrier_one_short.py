"""Three are to meet, and two come."""

import threading

meeting = threading.Barrier(3)
threads = [threading.Thread(target=meeting.wait, name=f"party{n}") for n in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
