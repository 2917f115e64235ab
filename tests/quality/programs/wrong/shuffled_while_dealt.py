# FINDS: data-race | atomicity-violation | lost-update on cards
# A card is dealt while the deck is being shuffled: the shuffle runs past its end.
import random
import threading

cards = list(range(20))
dealt = []


def shuffle():
    random.shuffle(cards)


def deal():
    dealt.append(cards.pop())


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (shuffle, deal, deal)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(dealt))
