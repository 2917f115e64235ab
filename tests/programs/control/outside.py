import datetime
import os
import random
import threading
import time
import uuid

print(random.random(), random.Random().random(), random.SystemRandom().random())
print(os.urandom(4).hex(), uuid.uuid4())
print(time.time(), time.monotonic_ns(), time.ctime(), datetime.datetime.now())
thread = threading.Thread(target=time.sleep, args=(86400,))
thread.start()
thread.join()
print(datetime.date.today())
