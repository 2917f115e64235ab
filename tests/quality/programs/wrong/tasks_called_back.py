# FINDS: lost-update on done
# What is called back runs in the workers, two at once.
import concurrent.futures
import threading

done = 0
go = threading.Event()


def work(number):
    go.wait()
    return number


def called(future):
    global done
    done += future.result()


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for number in range(3):
        pool.submit(work, number).add_done_callback(called)
    go.set()
print(done)
