# FINDS: lost-update on count
# Both read the same number, and both store it plus one.
import threading


def main():
    count = 0

    def work():
        nonlocal count
        count += 1

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(count)


main()
