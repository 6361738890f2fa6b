"""Find names that differ in case, spaces, hyphens or underscores alone."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from vibhar.errors import InputError


def spelling_key(name: str) -> str:
    """What two names share that differ in case, spaces, hyphens, underscores or the form of Unicode alone."""
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", name).casefold())


def check_classes(labels: Mapping[str, str], where: object) -> None:
    """Raise InputError where two classes are spelled alike; `labels` are the classes, each with a place that has it."""
    first: dict[str, str] = {}
    for label in sorted(labels):
        other = first.setdefault(spelling_key(label), label)
        if other != label:
            raise InputError(
                f"{where} spells one class in two ways: {other!r} ({labels[other]}) and {label!r} ({labels[label]}). "
                "They would be two classes. Give them one name, or choose the one that you mean by `classes`."
            )


def check_listed(missing: Sequence[str], unlisted: Sequence[str], root: object, lists: object) -> None:
    """Raise InputError where `lists` name clips that lie under `root` by another spelling of the class or the clip.

    `missing` are clips that are listed and not there, `unlisted` those that are there and in no list.
    """
    if not unlisted:
        return
    there = {spelling_key(clip): clip for clip in unlisted}
    pairs = [(clip, there[key]) for clip in missing if (key := spelling_key(clip)) in there]
    if not pairs:
        pairs = other_classes(missing, unlisted)
    if pairs:
        listed, found = pairs[0]
        words = next((a, b) for a, b in zip(listed.split("/"), found.split("/"), strict=False) if a != b)
        others = f", and {len(pairs) - 1} more in the like way" if len(pairs) > 1 else ""
        raise InputError(
            f"A class is spelled in two ways: {words[0]!r} in the split lists ({lists} name the clip {listed!r}) and "
            f"{words[1]!r} under {root} ({found!r}){others}. Rename the folder or the files as the lists have them, or "
            "correct the lists."
        )


def other_classes(missing: Iterable[str], unlisted: Iterable[str]) -> list[tuple[str, str]]:
    """Clips of listed classes and clips that are there whose classes are spelled alike, but not the same."""
    there = {spelling_key(clip.partition("/")[0]): clip for clip in unlisted}
    named = [(clip, there.get(spelling_key(clip.partition("/")[0]), clip)) for clip in missing]
    return [(listed, found) for listed, found in named if listed.partition("/")[0] != found.partition("/")[0]]
