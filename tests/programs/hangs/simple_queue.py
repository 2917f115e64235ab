"""The answer goes to another queue than the one that is listened to."""

import queue
import threading

questions, answers, log = queue.SimpleQueue(), queue.SimpleQueue(), queue.SimpleQueue()


def answer():
    questions.get()
    log.put("an answer")


thread = threading.Thread(target=answer, name="oracle")
thread.start()
questions.put("why?")
answers.get()
