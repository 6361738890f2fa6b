"""Make class and clip names drawable in figures, whatever characters they have.

matplotlib would take two dollar signs for a formula, and draw a box for a letter that its fonts lack.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

UNUSABLE = ("cm", "STIX", "Last Resort")  # with matplotlib: for formulas, and boxes for any letter
LONGEST = 40  # letters of a label; the middle of a longer one is left out


def as_label(name: str, longest: int = LONGEST) -> str:
    """The name on one line of `longest` letters, no formula; a letter that no font here has as its code point."""
    line = "".join(letter if letter.isprintable() else " " for letter in name).strip() or repr(name)
    known = own_letters().union(*(letters_of(path) for path in fallbacks(line).values()))
    drawn = "".join(letter if ord(letter) in known else f" U+{ord(letter):04X} " for letter in line)
    label = " ".join(drawn.split())
    if len(label) > longest:
        label = f"{label[: longest // 2]}…{label[-longest // 2 + 1 :]}"
    return label.replace("$", r"\$")


def fonts_of(names: Iterable[str]) -> dict[str, Any]:
    """Return settings of matplotlib that draw the names: its own font, and others here with letters that it lacks."""
    families = dict.fromkeys(family for name in names for family in fallbacks(name))
    return {"font.family": [font_manager.FontProperties().get_name(), *families]} if families else {}


@cache
def fallbacks(name: str) -> dict[str, str]:
    """Fonts of this machine, by family, that together have the letters which matplotlib's own font lacks."""
    lacking = {ord(letter) for letter in name if letter.isprintable()} - own_letters()
    found: dict[str, str] = {}
    for font in sorted(font_manager.fontManager.ttflist, key=lambda font: font.fname) if lacking else ():
        usable = font.weight == 400 and font.style == "normal" and not font.name.startswith(UNUSABLE)
        if usable and lacking & letters_of(font.fname):
            found[font.name] = font.fname
            lacking -= letters_of(font.fname)
    return found


def own_letters() -> frozenset[int]:
    """The letters of the default font."""
    return letters_of(font_manager.findfont(font_manager.FontProperties()))


@cache
def letters_of(path: str) -> frozenset[int]:
    """The code points that a font has."""
    return frozenset(FT2Font(path).get_charmap())
