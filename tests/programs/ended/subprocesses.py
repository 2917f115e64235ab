"""Programs that are started from threads, and waited for."""

import subprocess
import sys
import threading
import time

end = time.monotonic() + 1
CODE = "import time; time.sleep(0.1)"


def work():
    while time.monotonic() < end:
        subprocess.run([sys.executable, "-S", "-c", CODE])


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
sys.exit(7)
