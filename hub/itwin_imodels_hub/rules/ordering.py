"""Parse `$orderBy`: `property [asc|desc]`, separated by commas if the list permits several."""

from collections.abc import Collection

from attrs import frozen


@frozen
class Order:
    """One sort criterion."""

    name: str
    descending: bool = False


def parse_order(text: str, names: Collection[str], *, several: bool) -> list[Order] | None:
    """Parse an `$orderBy` value.

    Args:
        text: The value as sent.
        names: Sortable properties of the list.
        several: Whether more than one criterion is permitted.

    Returns:
        The criteria, each property at most once; None if the value is invalid.
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
    sorted_by = [order.name for order in orders]
    wrong = len(set(sorted_by)) < len(sorted_by) or not set(sorted_by) <= set(names)
    wrong = wrong or (len(sorted_by) > 1 and not several)
    return None if wrong else orders
