# FINDS: lost-update on total
# The message may be there or not; the Value is changed either way.
import multiprocessing
import queue

total = multiprocessing.Value("i", 0)


def work(shared, messages):
    shared.value += 1
    messages.put("done")


if __name__ == "__main__":
    messages = multiprocessing.Queue()
    process = multiprocessing.Process(target=work, args=(total, messages))
    process.start()
    text = "nothing"
    try:
        text = messages.get(timeout=5)
    except queue.Empty:
        pass
    total.value += 10
    process.join()
    print(total.value, text)
