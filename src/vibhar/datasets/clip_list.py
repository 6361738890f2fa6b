"""Read the user's own list of clips: a CSV file with clip, label, group and one column per split."""

from collections.abc import Sequence
from pathlib import Path

from vibhar.datasets import Listing
from vibhar.datasets.clip_tables import check_parts, check_unique, match_files, read_table
from vibhar.datasets.spelling import check_classes
from vibhar.datasets.splits import Column, check_disjoint, check_trained, cut_validation
from vibhar.datasets.surveying import find_arrays, restrict
from vibhar.errors import InputError

FACTS = ("clip", "label", "group")


def list_arrays(
    table: Path,
    root: Path,
    *,
    splits: Sequence[str],
    classes: Sequence[str] | None = None,
    validation: float = 0.2,
    seed: int = 0,
) -> Listing:
    """List the clips in `table`, with their array files below `root`.

    If a split has no validation clips, the share `validation` (0 to 1) of its training clips becomes the validation
    part, in whole groups. Raises InputError if the folder, the table or a split cannot be used.
    """
    files = find_arrays(root)
    rows = read_table(table, [*FACTS, *splits], FACTS)
    rows.insert(1, "path", match_files(rows["clip"], files, table))
    check_unique(rows, table)
    unlisted = sorted(set(files) - set(rows["path"]))
    rows = rows if classes is None else restrict(rows, classes, table)
    check_classes(dict(zip(rows["label"], rows["clip"], strict=True)), table)
    clips = rows[rows["path"] != ""].sort_values("clip", ignore_index=True)
    if clips.empty:
        raise InputError(
            f"{table} names no array under {root}: it names {next(iter(rows['clip']), 'nothing')!r}, the disk holds "
            f"{files[0]!r}. A clip is the stem of its file, or its path below `root` with or without the suffix."
        )
    for split in splits:
        check_parts(clips, split, table)
        groups = clips["clip"] if split.startswith("clip") else clips["group"]
        clips[split] = complete_split(split, clips[split], clips["label"], groups, validation, seed)
    return Listing(clips, sorted(rows["clip"][rows["path"] == ""]), unlisted)


def complete_split(name: str, parts: Column, labels: Column, groups: Column, validation: float, seed: int) -> Column:
    """Return the checked parts of a split; without validation clips, some of the training clips become these."""
    if not (parts == "validation").any():
        parts = cut_validation(parts, labels, groups, validation, seed)
    check_trained(name, parts, labels)
    check_disjoint(name, parts, groups)
    return parts
