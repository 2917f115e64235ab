# fmt: off
# ruff: noqa
# mypy: ignore-errors
"""Where tracebacks say that expressions over several lines have failed."""

import os
import sys
import threading

count = 0
table = {"n": 1}
items = [1]
nothing = None


class Account:
    balance = 0

    def take(self, *amounts, **more):
        return amounts[5]

    @property
    def broken(self):
        raise ValueError("broken")

    @broken.setter
    def broken(self, value):
        raise ValueError("broken")


account = Account()
account.self = account
account.items = items
account.table = table
account.nothing = None


def chained_call():
    return (items
            .pop(
                100))


def chained_method():
    return (account
            .self
            .take(
                1,
                2)
            .more)


def chained_attribute():
    return (account
            .self
            .missing
            .more)


def attribute_of_none():
    return (
        account.
        nothing.
        balance
    )


def property_read():
    return (account
            .self.
            broken)


def property_stored():
    (account
     .self
     .broken) = (
        1)


def property_augmented():
    (account
     .self
     .broken) += (
        1)


def property_deleted():
    del (account
         .self
         .broken)


def item():
    return (table
            [
                "missing"
            ])


def item_of_attribute():
    return (account
            .table[
                "missing"
            ][1])


def item_stored():
    (items
     [
         100
     ]) = (
        2)


def item_augmented():
    (items
     [
         100
     ]) += (
        2)


def item_augmented_type():
    table[
        "n"
    ] += (
        "x"
    )


def item_deleted():
    del (items
         [
             100
         ])


def global_augmented():
    global count
    count += (
        "x"
    )


def attribute_augmented():
    account.balance += (
        "x" +
        "y"
    )


def called_none():
    return (nothing
            (
                1))


def called_attribute():
    return (account
            .nothing(
                1,
                count))


def called_with_keywords():
    return (account
            .take(
                *items,
                key=1,
                **table))


def nested_calls():
    return len(
        sorted(
            items,
            key=lambda one: (
                account
                .missing
            ),
        )
    )


def comparison():
    return (
        count
        <
        table
        ["n"]
        <
        "x"
    )


def contained():
    return (
        items
        in
        table
    )


def condition():
    if (
        account
        .nothing
        .x
        or count
    ):
        return 1


def loop():
    for one in (
        account
        .nothing
    ):
        print(one)


def unpacking():
    first, second = (
        account
        .items
    )


def subscript_slice():
    return (
        items
        [
            "a":
            "b"
        ]
    )


def with_statement():
    with (
        account
        .nothing
    ):
        pass


def formatted():
    return f"""{
        account.missing
    }"""


def raised():
    raise (
        account
        .nothing
    )


def asserted():
    assert (
        account
        .nothing
    ), (
        account
        .missing
    )


def returned_by_getattr():
    return getattr(
        account,
        "missing"
    )


def stored_by_setattr():
    setattr(
        account
        .nothing,
        "x",
        1,
    )


def length():
    return len(
        account
        .nothing
    )


def comprehension():
    return [
        one
        .missing
        for one in
        account.items
    ]


def starred():
    return [
        *account
        .nothing
    ]


def unary():
    return -(
        table
    )


def binary():
    return (
        account.items
        +
        account.balance
    )


def environment():
    return (os
            .environ[
                "no such name"
            ])


def deleted_name():
    global gone
    gone = 1
    del gone
    return (
        gone
    )


def closure():
    cell = None

    def inner():
        return (
            cell
            .missing
        )

    return inner(
    )


def awaited():
    async def coroutine():
        return await (
            account
            .nothing
        )

    coroutine(
    ).send(
        None
    )


def walrus():
    return (
        value :=
        account
        .missing
    )


def one_line_call():
    return account.take(1).x


def one_line_pop():
    items.pop(100)


def one_line_item():
    table["x"]["y"] = 1


def in_statement_of_several():
    x = 1; y = items[100]; z = 2


def decorated():
    @account.missing
    def inner():
        pass


def classes():
    class Inner(
        account
        .missing
    ):
        pass


def match_statement():
    match (
        account
        .missing
    ):
        case 1:
            pass


class Refuses:
    def itself(self):
        return self


account.refuses = Refuses()
account.text = "text"


def loop_over_call():
    for one in (account
                .refuses
                .itself()):
        print(one)


def with_call():
    with (account
          .refuses
          .itself()):
        pass


def inner_comprehension():
    return [
        two
        for one in [1]
        for two in
        account
        .nothing
    ]


def generator_expression():
    return list(
        one
        for one in
        account
        .refuses
        .itself()
    )


def attribute_augmented_type():
    (account
     .text) += (
         1)


for name, function in list(globals().items()):
    if callable(function) and function is not Account:
        try:
            function()
        except BaseException:
            print("==", name, file=sys.stderr)
            kind, error, trace = sys.exc_info()
            lines = []
            while trace is not None:
                lines.append(trace.tb_lineno)
                trace = trace.tb_next
            print(lines, file=sys.stderr)
            sys.__excepthook__(*sys.exc_info())
        else:
            print("==", name, "no error", file=sys.stderr)
