"""The range of a placed element in the spatial index of an iModel."""

import math
from collections.abc import Sequence
from itertools import product
from typing import Final, TypeAlias

_MIN_SIDE: Final = 0.001
"""Sides of length 0 are widened to this length, in meters."""

Point: TypeAlias = tuple[float, float, float]
Range: TypeAlias = tuple[float, float, float, float, float, float]
"""Minimum and maximum of x, y and z."""


def placed_range(origin: Point, angles: Point, low: Point, high: Point) -> Range:
    """Return the axis-aligned range of a box that is rotated and moved.

    Args:
        origin: The translation of the box.
        angles: Yaw, pitch and roll, in degrees.
        low: The lower corner of the untransformed box.
        high: The upper corner of the untransformed box.
    """
    matrix = _rotation(*map(math.radians, angles))
    corners = product(*zip(*_widened(low, high), strict=True))
    placed = [
        [at + math.fsum(map(math.prod, zip(row, corner, strict=True))) for at, row in zip(origin, matrix, strict=True)]
        for corner in corners
    ]
    (x, y, z) = ((min(values), max(values)) for values in zip(*placed, strict=True))
    return (*x, *y, *z)


def _widened(low: Point, high: Point) -> tuple[Sequence[float], Sequence[float]]:
    """Widen each side of length 0 by half of the minimum side in both directions."""
    half = _MIN_SIDE / 2
    sides = [
        (least, most) if least < most else (least - half, most + half) for least, most in zip(low, high, strict=True)
    ]
    return [least for least, _ in sides], [most for _, most in sides]


def _rotation(yaw: float, pitch: float, roll: float) -> tuple[Point, Point, Point]:
    cos_yaw, sin_yaw = math.cos(yaw), math.sin(yaw)
    cos_pitch, sin_pitch = math.cos(pitch), math.sin(pitch)
    cos_roll, sin_roll = math.cos(roll), math.sin(roll)
    return (
        (
            cos_yaw * cos_pitch,
            -(sin_yaw * cos_roll + cos_yaw * sin_pitch * sin_roll),
            sin_yaw * sin_roll - cos_yaw * sin_pitch * cos_roll,
        ),
        (
            sin_yaw * cos_pitch,
            cos_yaw * cos_roll - sin_yaw * sin_pitch * sin_roll,
            -(cos_yaw * sin_roll + sin_yaw * sin_pitch * cos_roll),
        ),
        (sin_pitch, cos_pitch * sin_roll, cos_pitch * cos_roll),
    )
