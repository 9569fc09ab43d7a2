"""Numbers of people, in words."""

from __future__ import annotations


def count_people(count: int) -> str:
    """How many people there are: `"nobody"`, `"1 person"`, `"2 people"` and so on."""
    return {0: "nobody", 1: "1 person"}.get(count, f"{count} people")
