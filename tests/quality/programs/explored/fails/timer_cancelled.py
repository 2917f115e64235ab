# FAILS: AssertionError
# The timer may ring before it is cancelled, and the program does not expect that.
import threading

rung = []
timer = threading.Timer(0.01, rung.append, [1])
timer.start()
timer.cancel()
timer.join()
assert not rung
