import threading


def hello():
    print("hello")


timer = threading.Timer(0.3, hello)
timer.start()
other = threading.Timer(30.0, hello)
other.start()
other.cancel()
