"""The `$orderBy` of lists: `property [asc|desc]`, several parted by commas where the list allows it."""

from collections.abc import Collection

from attrs import frozen


@frozen
class Order:
    """One criterion."""

    name: str
    descending: bool = False


def parse_order(text: str, names: Collection[str], *, several: bool) -> list[Order] | None:
    """Read an `$orderBy` value.

    Args:
        text: The value as sent.
        names: The properties that the list can be sorted by.
        several: Whether more than one may be given.

    Returns:
        The criteria, each property once; None when the value is not valid.
    """
    orders = []
    for part in text.split(","):
        match part.split():
            case [name]:
                order = Order(name)
            case [name, "asc" | "desc" as direction]:
                order = Order(name, direction == "desc")
            case _:
                return None
        orders.append(order)
    given = [order.name for order in orders]
    wrong = len(set(given)) < len(given) or not set(given) <= set(names) or (len(given) > 1 and not several)
    return None if wrong else orders
