"""Colours and style of all figures, and saving them so that equal runs give equal files."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

from matplotlib.figure import Figure

from vibhar.files.writing import complete

matplotlib.rcdefaults()  # a matplotlibrc of the user's has no say

VIB, NAIVE, ISS, MUTED = "#c1440e", "#1f4e79", "#2e7d5b", "#8c8c8c"
STYLE: Any = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


def save_figure(figure: Figure, png: Path, pdf: Path) -> None:
    """Write the figure as PNG and PDF, without time stamps."""
    for path in (png, pdf):
        with complete(path) as temporary:
            metadata = {"CreationDate": None} if path == pdf else {}
            figure.savefig(temporary, format=path.suffix[1:], dpi=200, metadata=metadata)
