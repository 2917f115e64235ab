# REPLAYS: random numbers of the system, of OpenSSL and of libuuid, in threads
import os
import random
import secrets
import ssl
import threading
import uuid


def draw():
    print(os.getrandom(8).hex(), os.urandom(8).hex(), ssl.RAND_bytes(8).hex())
    print(uuid.uuid1(), uuid.uuid4(), secrets.token_hex(4), random.SystemRandom().random())
    with open("/dev/urandom", "rb") as file:
        print(file.read(8).hex())
    fd = os.open("/dev/random", os.O_RDONLY)
    print(os.read(fd, 5).hex())
    os.close(fd)


threads = [threading.Thread(target=draw) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
