"""Which clips a model is trained, chosen and tested on: parts "train", "validation", "test" and "unused" of a split.

A group (a person in a scene before a camera) stands on one side of a split only. The order in which groups are taken
comes from a hash of their names, so that a new clip does not reshuffle the others.
"""

import hashlib
import math

import numpy as np
import pandas as pd

from vibhar.errors import InputError

Column = pd.Series  # a value for each clip, with the same index in all arguments


def stable_order(names: Column, seed: int) -> list[str]:
    """The distinct names in an order that depends on each name and the seed alone."""
    return sorted(names.unique(), key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())


def group_folds(groups: Column, folds: int) -> dict[str, Column]:
    """Splits group1 .. groupF: the groups, in the order of their names, are tested in F turns.

    Raises InputError where there are fewer groups than folds.
    """
    names = sorted(groups.unique())
    if len(names) < folds:
        raise InputError(
            f"There are {len(names)} groups, too few for {folds} folds. Set `folds` to {len(names)} or less."
        )
    turns = enumerate(np.array_split(np.array(names, dtype=object), folds), start=1)
    return {f"group{fold}": as_parts(groups.isin(list(tested))) for fold, tested in turns}


def clip_folds(clips: Column, labels: Column, folds: int, seed: int) -> dict[str, Column]:
    """Splits clip1 .. clipF of single clips, stratified by class: the protocol of the tensor baselines.

    Clips of one group stand on both sides, so that a model can be right by having seen the scene. They are here for
    comparison with what was published, and not to be believed.
    """
    fold_of: dict[str, int] = {}
    for _, members in clips.groupby(labels):
        fold_of |= {clip: 1 + position % folds for position, clip in enumerate(stable_order(members, seed))}
    turn = clips.map(fold_of)
    return {f"clip{fold}": as_parts(turn == fold) for fold in range(1, folds + 1)}


def as_parts(tested: Column) -> Column:
    """Part "test" where true, else "train"."""
    return tested.map({True: "test", False: "train"})


def cut_validation(parts: Column, labels: Column, groups: Column, share: float, seed: int) -> Column:
    """Move whole groups from "train" to "validation", about `share` of the training clips of each class.

    A class gives at least one group, and keeps at least one. A group that several classes share is moved in all of
    them. The test part is not looked at.
    """
    training = parts == "train"
    chosen: set[str] = set()
    for _, members in groups[training].groupby(labels[training]):
        order = stable_order(members, seed)
        wanted, taken = math.ceil(share * len(members)), 0
        for group in order[:-1]:
            if taken < wanted:
                chosen.add(group)
                taken += (members == group).sum()
    return parts.mask(training & groups.isin(list(chosen)), "validation")


def check_split(name: str, parts: Column, labels: Column, groups: Column | None) -> None:
    """Raise InputError where a class has no clip to train or choose on, or where a group stands on two sides."""
    for part in ("train", "validation"):
        without = sorted(set(labels[parts == "test"]) - set(labels[parts == part]))
        if without:
            raise InputError(
                f"In split {name} the class {without[0]!r} has clips to test and none in the {part} part. Add clips of "
                "other groups of this class, or leave it out by `classes`."
            )
    if groups is None:
        return
    used = parts[parts != "unused"]
    sides = used.groupby(groups[used.index]).nunique()
    if (sides > 1).any():
        raise InputError(f"In split {name} the group {sides.idxmax()!r} stands on more than one side.")
