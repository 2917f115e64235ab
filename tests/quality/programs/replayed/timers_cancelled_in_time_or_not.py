import threading
import time

out = []
for i in range(15):
    timer = threading.Timer(0.0003, out.append, (i,))
    timer.start()
    time.sleep(0.0002 + i * 0.00001)
    timer.cancel()
    timer.join()
    out.append("done")
print(out)
