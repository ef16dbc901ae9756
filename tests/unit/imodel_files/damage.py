"""Damage to bytes: flipped bits, other bytes, insertions, cuts."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

FUZZING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

bits = st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7))
octets = st.tuples(st.just("put"), st.floats(0, 1), st.binary(min_size=1, max_size=9))
inserts = st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=9))
cuts = st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 40))
ends = st.tuples(st.just("end"), st.floats(0, 1), st.just(0))
Mutation = tuple[str, float, int | bytes]
mutations = st.lists(st.one_of(bits, octets, inserts, cuts, ends), min_size=1, max_size=4)


def mutated(data: bytes, changes: list[Mutation]) -> bytes:
    """Damage bytes."""
    for kind, where, what in changes:
        at = min(int(where * len(data)), max(len(data) - 1, 0))
        match kind, what:
            case "flip", int(bit) if data:
                data = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            case "put", bytes(new):
                data = data[:at] + new + data[at + len(new) :]
            case "insert", bytes(new):
                data = data[:at] + new + data[at:]
            case "cut", int(size):
                data = data[:at] + data[at + size :]
            case "end", _:
                data = data[:at]
    return data
