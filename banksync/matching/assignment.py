"""One-to-one: of all ways to pair lines and targets, the one with the highest total score.

The Hungarian method on each group of lines and targets that compete, with the smaller side as rows, so
that a hundred coffees within reach of one bill cost nothing.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from banksync.matching.candidates import Candidate
from banksync.matching.targets import TargetKey

Weights = Sequence[Sequence[int]]
Key = TypeVar("Key", int, TargetKey)


def assign(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the pairs of the best assignment; no line and no target stands in two of them.

    The order of the candidates does not matter: equal totals are told apart by ids.
    """
    chosen = [pair for group in _groups(list(candidates)) for pair in _assign_group(group)]
    return sorted(chosen, key=lambda one: (one.line.id, one.target.key))


def _groups(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Return the candidates in groups that share neither a line nor a target."""
    by_node: dict[object, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        by_node["line", candidate.line.id].append(index)
        by_node[candidate.target.key].append(index)
    groups, seen = [], set()
    for start in range(len(candidates)):
        if start in seen:
            continue
        seen.add(start)
        waiting, group = [start], []
        while waiting:
            index = waiting.pop()
            group.append(index)
            candidate = candidates[index]
            neighbours = {*by_node["line", candidate.line.id], *by_node[candidate.target.key]} - seen
            seen |= neighbours
            waiting.extend(neighbours)
        groups.append([candidates[index] for index in group])
    return groups


def _assign_group(group: list[Candidate]) -> list[Candidate]:
    lines = _number_keys({candidate.line.id for candidate in group})
    targets = _number_keys({candidate.target.key for candidate in group})
    pairs = {(lines[one.line.id], targets[one.target.key]): one for one in group}
    if len(lines) > len(targets):
        pairs = {(target, line): one for (line, target), one in pairs.items()}
    rows, columns = sorted((len(lines), len(targets)))
    scores = {cell: one.score for cell, one in pairs.items()}
    weights = [[scores.get((row, column), 0) for column in range(columns)] for row in range(rows)]
    best = enumerate(_best_columns(weights))
    return [pairs[cell] for cell in best if cell in pairs]


def _number_keys(keys: set[Key]) -> dict[Key, int]:
    return {key: number for number, key in enumerate(sorted(keys))}


def _best_columns(weights: Weights) -> list[int]:
    """Return for each row its column, all different, so that the sum of weights is the highest.

    There are at least as many columns as rows, and no weight is below zero: a pair that does not exist
    weighs zero, which is as good as none.
    """
    solver = _Hungarian(weights)
    for row in range(1, len(weights) + 1):
        solver.add(row)
    column_by_row = {row: column for column, row in enumerate(solver.row_of) if column}
    return [column_by_row[row] - 1 for row in range(1, len(weights) + 1)]


class _Hungarian:
    """Adds a row at a time along the cheapest alternating path; rows and columns count from 1, 0 is free."""

    def __init__(self, weights: Weights):
        self.weights = weights
        self.columns = len(weights[0])
        self.row_of = [0] * (self.columns + 1)
        self.row_potential = [0] * (len(weights) + 1)
        self.column_potential = [0] * (self.columns + 1)

    def add(self, row: int) -> None:
        self.row_of[0] = row
        column, way = self._cheapest_path()
        while column:
            self.row_of[column] = self.row_of[way[column]]
            column = way[column]

    def _cheapest_path(self) -> tuple[int, list[int]]:
        """Return the free column where the path from the new row ends, and the way back from each column."""
        column, visited = 0, {0}
        way = [0] * (self.columns + 1)
        distance = dict.fromkeys(range(1, self.columns + 1), sys.maxsize)  # of columns not visited
        while self.row_of[column]:
            row = self.row_of[column]
            for other, known in distance.items():
                cost = (
                    -self.weights[row - 1][other - 1] - self.row_potential[row] - self.column_potential[other]
                )
                if cost < known:
                    distance[other], way[other] = cost, column
            column = min(distance, key=lambda other: (distance[other], other))
            step = distance.pop(column)
            for other in visited:
                self.row_potential[self.row_of[other]] += step
                self.column_potential[other] -= step
            for other in distance:
                distance[other] -= step
            visited.add(column)
        return column, way
