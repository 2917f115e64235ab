import os
import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
thread = threading.Thread(target=time.sleep, args=(1,))
thread.start()
child = os.fork()
if child == 0:
    print("child", flush=True)
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
thread.join()
