"""Ten processes change one dict and one list that a manager keeps for them."""

import multiprocessing


def register(prices, visitors, number):
    prices[number] = number * 5
    visitors.append(f"visitor {number}")


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        prices = manager.dict()
        visitors = manager.list()
        desks = [
            multiprocessing.Process(target=register, args=(prices, visitors, number))
            for number in range(10)
        ]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        print(len(prices), "prices,", len(visitors), "visitors, together", sum(prices.values()))
