"""Figure 5 stands at the betas that were trained."""

import numpy as np
import pandas as pd
from matplotlib.container import ErrorbarContainer

from vibhar.results.figures.figure5 import draw_figure5

BETAS = (1e-3, 1e-2)


def runs() -> pd.DataFrame:
    rows = [("naive", None, 1000), *(("vib", beta, 10) for beta in BETAS)]
    return pd.DataFrame(
        {
            "method": method,
            "beta": beta,
            "seed": seed,
            "lstm_parameters": size,
            "test_accuracy": 0.5 + seed / 10,
            "before_finetuning.test_accuracy": 0.4,
            "classes": ["a", "b"],
        }
        for method, beta, size in rows
        for seed in (0, 1)
    )


def test_each_curve_has_a_point_near_each_beta() -> None:
    accuracy_axes, size_axes = draw_figure5({"d": runs()}).axes
    curves = [each for axes in (accuracy_axes, size_axes) for each in axes.containers]
    assert len(curves) == 3
    for curve in curves:
        assert isinstance(curve, ErrorbarContainer)
        np.testing.assert_allclose(np.asarray(curve.lines[0].get_xdata()), BETAS, rtol=0.05)
