"""Split a dataset's clips into "train", "validation", "test" and "unused" parts.

All clips of a group (a person in a scene before a camera) are in the same part of a split. Groups are taken for
validation in the order of a hash of their names, so that a new clip does not reshuffle the others.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from vibhar.errors import InputError, few

Column = pd.Series  # a value for each clip, with the same index in all arguments


def stable_order(names: Iterable[str], seed: int) -> list[str]:
    """Return the distinct names in the order of a hash: other names do not change the order of two of them."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())


def group_folds(groups: Column, labels: Column, folds: int) -> dict[str, Column]:
    """Splits group1 .. groupF: each group is tested in exactly one of F folds, assigned in the order of the names.

    A group goes to the fold with the fewest test groups of its classes. So each fold tests all classes, and a class's
    folds depend only on the classes that it shares groups with. Raises InputError if a fold stays empty.
    """
    counts = pd.crosstab(groups, labels).sort_index()
    counts = counts.iloc[counts.gt(0).to_numpy().argmax(axis=1).argsort(kind="stable")]  # class by class
    tested = np.zeros((folds, counts.shape[1]), dtype=int)
    fold_of: dict[str, int] = {}
    for group, present in zip(counts.index, counts.to_numpy() > 0, strict=True):
        fold = int(tested[:, present].sum(axis=1).argmin())
        tested[fold] += present
        fold_of[group] = fold + 1
    filled = max(fold_of.values(), default=0)
    if filled < folds:
        raise InputError(
            f"The classes have groups for {filled} of {folds} folds. Lower `folds`, or add clips of other groups."
        )
    return as_splits("group", groups.map(fold_of), folds)


def clip_folds(clips: Column, labels: Column, folds: int, seed: int) -> dict[str, Column]:
    """Splits clip1 .. clipF of single clips, stratified by class: the protocol of the tensor baselines.

    Clips of one group are in both training and test, so a model can be right because it has seen the scene. These
    splits are for comparison with published numbers only; their accuracies are too high.
    """
    fold_of: dict[str, int] = {}
    for _, members in clips.groupby(labels):
        fold_of |= {clip: 1 + position % folds for position, clip in enumerate(stable_order(members, seed))}
    return as_splits("clip", clips.map(fold_of), folds)


def as_splits(name: str, turns: Column, folds: int) -> dict[str, Column]:
    """Return a split for each fold 1 .. F, which tests the clips of that fold and trains on the others."""
    return {
        f"{name}{fold}": (turns == fold).map({True: "test", False: "train"}).astype("str")
        for fold in range(1, folds + 1)
    }


def cut_validation(parts: Column, labels: Column, groups: Column, share: float, seed: int) -> Column:
    """Move whole groups from "train" to "validation", about `share` (0 to 1) of the training clips of each class.

    The test part is not looked at. See `choose_groups` for how many groups a class gives and keeps.
    """
    training = parts == "train"
    counts = pd.crosstab(groups[training], labels[training])
    counts = counts.loc[stable_order(counts.index, seed)]
    chosen = counts.index[choose_groups(counts.to_numpy(), share)]
    return parts.mask(training & groups.isin(chosen), "validation")


def choose_groups(counts: np.ndarray, share: float) -> np.ndarray:
    """Choose validation groups in order, each that brings its classes nearer to `share` of their clips: bool [G].

    `counts` [G, C] are numbers of clips. Each class keeps at least one group for training; a class with two groups or
    more gives at least one, if need be its smallest.
    """
    present = counts > 0
    chosen = np.zeros(len(counts), dtype=bool)
    wanted = share * counts.sum(axis=0)
    spare = present.sum(axis=0) - 1  # groups that a class can still give

    def move(group: int | np.intp) -> None:
        chosen[group] = True
        wanted[:] -= counts[group]
        spare[:] -= present[group]

    for group, own in enumerate(present):
        nearer = np.abs(wanted[own] - counts[group, own]).sum() < np.abs(wanted[own]).sum()
        if nearer and spare[own].all():
            move(group)
    for label in np.flatnonzero(~present[chosen].any(axis=0)):
        smallest_first = sorted(np.flatnonzero(present[:, label]), key=lambda group: counts[group, label])
        able = [group for group in smallest_first if spare[present[group]].all()]
        if able and not present[chosen, label].any():
            move(able[0])
    return chosen


def count_shared(parts: Column, groups: Column) -> int:
    """How many groups stand in more than one part of a split."""
    sides = pd.DataFrame({"group": groups, "part": parts})[parts != "unused"].drop_duplicates()["group"]
    return int(sides[sides.duplicated()].nunique())


def check_disjoint(name: str, parts: Column, groups: Column) -> None:
    """Raise InputError if a group is in two parts of a split."""
    sides = pd.DataFrame({"group": groups, "part": parts})[parts != "unused"].drop_duplicates()["group"]
    if not sides.is_unique:
        group = sides[sides.duplicated()].iloc[0]
        raise InputError(
            f"In split {name} the group {group!r} stands on more than one side: a model would be tested on scenes that "
            "it has seen. Correct the split lists so that each group is trained on or tested, not both."
        )


ADVICE = "Add clips of other groups of this class, or list only the other classes in `classes`."


def check_trained(name: str, parts: Column, labels: Column, advice: str = ADVICE) -> None:
    """Raise InputError where a class has no clip to train on, or the split none to choose on."""
    untrained = sorted(set(labels) - set(labels[parts == "train"]))
    if untrained:
        more = f", and so have {few(untrained[1:])}" if untrained[1:] else ""
        raise InputError(f"In split {name} the class {untrained[0]!r} has no training clip{more}. {advice}")
    if not (parts == "validation").any():
        raise InputError(
            f"Split {name} has no validation clip: no class has two groups to train on. Add clips of other groups."
        )
