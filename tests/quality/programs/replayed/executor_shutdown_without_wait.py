# REPLAYS: an executor that is shut down without a wait, and whose tasks go on
from concurrent.futures import ThreadPoolExecutor

done = []
executor = ThreadPoolExecutor(2)
futures = [executor.submit(done.append, k) for k in range(30)]
executor.shutdown(wait=False)
print([future.result() for future in futures], done)
try:
    executor.submit(print)
except RuntimeError as error:
    print(error)
