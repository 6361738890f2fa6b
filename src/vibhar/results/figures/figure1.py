"""Draw Figure 1: the cell of a trained VIBLSTM with its bottlenecks and their kept units."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vibhar.compression.bottleneck import Bottleneck
from vibhar.compression.modules import VIBLSTM
from vibhar.results.figures.style import MUTED, NAIVE, STYLE, VIB

NONLINEARITY = {"i": "σ", "f": "σ", "g": "tanh", "o": "σ"}
X_INPUT, X_GATE, X_BOTTLENECK, X_PRODUCT, X_OUTPUT = 0.0, 2.9, 4.4, 6.1, 7.9


def draw_figure1(module: VIBLSTM) -> Figure:
    """Draw how one time step passes through the first cell of `module`."""
    names = module.bottlenecks.names.all
    heights = {name: float(row) for row, name in enumerate(reversed(names))}
    middle = (len(names) - 1) / 2
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8.4, 4.2), layout="constrained")
        draw_input(axes, module, middle)
        for name, height in heights.items():
            draw_gate(axes, module, name, height, middle)
        draw_state(axes, heights, middle)
        axes.set(xlim=(-0.8, X_OUTPUT + 1.0), ylim=(-0.8, len(names) - 0.5))
        axes.axis("off")
        return figure


def draw_input(axes: Axes, module: VIBLSTM, middle: float) -> None:
    """Draw the input with its bottleneck, and the previous hidden state, which go to all gates."""
    box(axes, X_INPUT, middle + 0.7, f"x\n{module.rnn.input_size}", NAIVE)
    circle(axes, X_INPUT + 1.0, middle + 0.7, "x", module.bottlenecks.inputs, label=0.45)
    arrow(axes, (X_INPUT + 0.35, middle + 0.7), (X_INPUT + 0.72, middle + 0.7))
    box(axes, X_INPUT, middle - 0.7, f"h(t-1)\n{module.rnn.hidden_size}", NAIVE)


def draw_gate(axes: Axes, module: VIBLSTM, name: str, height: float, middle: float) -> None:
    """Draw one gate: its nonlinearity, then its bottleneck."""
    box(axes, X_GATE, height, f"{name}: {NONLINEARITY[name]}", NAIVE)
    circle(axes, X_BOTTLENECK, height, name, module.bottlenecks.gate(name))
    for start in ((X_INPUT + 1.28, middle + 0.7), (X_INPUT + 0.4, middle - 0.7)):
        arrow(axes, start, (X_GATE - 0.45, height))
    arrow(axes, (X_GATE + 0.45, height), (X_BOTTLENECK - 0.28, height))


def draw_state(axes: Axes, heights: dict[str, float], middle: float) -> None:
    """Draw the cell state, c = f c(t-1) + i g, and the hidden state, h = o tanh(c)."""
    memory, output = (X_PRODUCT, middle + 0.5), (X_OUTPUT, middle - 0.2)
    box(axes, *memory, "c = f·c(t-1)\n+ i·g", NAIVE)
    box(axes, *output, "h = o·tanh(c)", VIB)
    for name, height in heights.items():
        x, y = output if name == "o" else memory
        arrow(axes, (X_BOTTLENECK + 0.28, height), (x - 0.6, y))
    arrow(axes, (memory[0] + 0.6, memory[1]), (output[0] - 0.6, output[1] + 0.15))


def box(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Draw a box with a text."""
    style = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": colour}
    axes.text(x, y, text, ha="center", va="center", bbox=style, zorder=3)


def circle(axes: Axes, x: float, y: float, name: str, bottleneck: Bottleneck, label: float = -0.42) -> None:
    """Draw a bottleneck as a circle; its number of kept units is written `label` above it."""
    axes.plot(x, y, "o", ms=24, mfc="white", mec=VIB, mew=1.4, zorder=3)
    axes.text(x, y, f"$z_{name}$", ha="center", va="center", color=VIB, zorder=4)
    kept, units = int(bottleneck.mask().sum()), len(bottleneck.mean)
    axes.text(x, y + label, f"{kept} of {units}", ha="center", va="center", color=VIB, fontsize=7, zorder=4)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a thin arrow."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": MUTED, "lw": 0.9})
