# CLEAN: one lock, which the closure holds too
import threading


def main():
    count = 0
    lock = threading.Lock()

    def work():
        nonlocal count
        with lock:
            mine = count
            mine += 1
            count = mine

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert count == 3


main()
