"""What all figures share: colours, sizes, and files that are the same for the same runs."""

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.rcdefaults()  # a matplotlibrc of the user's has no say
matplotlib.use("agg")

from matplotlib.figure import Figure

from vibhar.files.writing import complete

VIB, NAIVE, ISS, MUTED = "#c1440e", "#1f4e79", "#2e7d5b", "#8c8c8c"
STYLE: Any = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}


def save_figure(figure: Figure, png: Path, pdf: Path) -> None:
    """Write both files, without a time stamp."""
    for path in (png, pdf):
        with complete(path) as temporary:
            metadata = {"CreationDate": None} if path == pdf else {}
            figure.savefig(temporary, format=path.suffix[1:], dpi=200, metadata=metadata)
