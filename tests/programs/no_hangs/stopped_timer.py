"""A Timer is going to set the event."""

import threading

done = threading.Event()
timer = threading.Timer(3600, done.set)
timer.daemon = True
timer.start()
done.wait()
