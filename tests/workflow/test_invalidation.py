"""A change of the config reruns what reads it, and what follows from that."""

from collections import Counter
from typing import Any

import pytest

from tests.workflow.conftest import merge

# The jobs of the dataset of all results but Table 1, whose Table 3 is on frames and flow, the others on frames.
PI = {"make_bundle": 1, "measure_accuracy": 1, "measure_latency": 1, "make_table_pi": 1, "make_figure_pi": 1}
CHOSEN = {"make_table2": 1, "make_table3": 1, "make_figure2": 1, "make_figure3": 1, **PI}
SWEPT = {**CHOSEN, "make_figure4": 1, "make_figure5": 1, "make_pareto": 1}
TINY = {**SWEPT, "make_table4": 1, "make_figure1": 1}
PRUNING = {"prune": 7 + 4, "train_iss": 1, "train_control": 3, **TINY}
SWEEP = {"train_vib": 7 + 4, **PRUNING}
BUNDLES = {"make_bundle": 2, "measure_accuracy": 2}
NAIVE = {"train_naive": 2 + 1, "train_baseline": 1 + 3, **SWEEP, "train_iss": 2 + 1, **BUNDLES}
TRAINING = {"train_small": 1, **NAIVE}
COMPARED = {"train_comparison": 3, **TRAINING}
FRAMES = {"sample_frames": 1, "index_clips": 1, "compute_flow": 1, "make_contact_sheet": 1}
FEATURES = {**FRAMES, "extract_features": 4 + 2, "build_store": 4 + 2, "fuse_features": 2, **COMPARED, "make_bundle": 3}

# The same of the dataset of Table 1, whose sweep has one beta.
PIXELS = {"make_table1": 1, "make_pixels": 1}
PIXEL_SWEEP = {"train_vib": 1, "prune": 1, **PIXELS}
PIXEL_TRAINING = {"train_naive": 1, "train_baseline": 4, **PIXEL_SWEEP}
PIXEL_FEATURES = {"sample_frames": 1, "index_clips": 1, "extract_features": 1, "build_store": 1, **PIXEL_TRAINING}


def both(tiny: dict[str, int], pixels: dict[str, int]) -> dict[str, int]:
    """The jobs of both datasets."""
    return dict(Counter(tiny) + Counter(pixels))


RESULTS = both({**TINY, "make_contact_sheet": 1}, PIXELS)

# A change of the flow leaves the frames as they are, and what is trained on them alone.
ON_FLOW = {"train_naive": 1, "train_baseline": 3, "train_vib": 4, "prune": 4, "train_iss": 1, "train_comparison": 1}
FLOW = {"compute_flow": 1, "extract_features": 2, "build_store": 2, "fuse_features": 2, **ON_FLOW}
FLOW |= {"make_table3": 1, "make_contact_sheet": 1}

CHANGES: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"selection": {"max_accuracy_drop": 3.0}}, {**CHOSEN, **PIXELS}),
    ({"finetune": {"threshold": 2.0}}, both(PRUNING, {"prune": 1, **PIXELS})),
    (
        {"vib": {"training": {"epochs": 3}}},
        both({**SWEEP, "train_vib": 10, "prune": 10}, PIXEL_SWEEP),
    ),  # not the target
    ({"vib": {"betas": [1.0e-4, 1.0e-2, 1.0e-3]}}, {"train_vib": 4, "prune": 4, **SWEPT}),
    ({"vib": {"betas": [1.0e-4]}}, SWEPT),
    ({"vib": {"target": {"input_growth": 2.0}}}, {"train_vib": 1, "prune": 1, "make_pareto": 1}),
    (
        {"seeds": [0, 1]},
        {rule: jobs for rule, jobs in both({**COMPARED, **PI}, PIXEL_TRAINING).items() if rule != "make_figure1"},
    ),
    ({"naive": {"learning_rate": 2.0e-3}}, both(TRAINING, PIXEL_TRAINING)),
    ({"lstm": {"hidden": 9}}, both(NAIVE, PIXEL_TRAINING)),
    ({"small": {"hidden": [2, 3]}}, {"train_small": 1, "make_figure4": 1, "make_pareto": 1}),
    (
        {"iss": {"threshold": 0.2}},
        {"train_iss": 3, "make_table2": 1, "make_table3": 1, "make_figure3": 1, "make_pareto": 1},
    ),
    ({"edge": {"queries": 17}}, {"measure_latency": 1, "make_table_pi": 1, "make_figure_pi": 1}),
    ({"edge": {"runtimes": ["numpy"]}}, {**PI, **BUNDLES, "make_bundle": 0}),
    ({"flow": {"bound": 3.0}}, FLOW),
    ({"cnns": {"small_cnn_flow": {"crops": 2}, "small_cnn": {"crops": 2}}}, FEATURES),
    ({"comparisons": {"two_stream_i3d": {"training": {"epochs": 2}}}}, {"train_comparison": 1, "make_table3": 1}),
    (
        {"table4": {"beta": 1.0e-2}},
        {"train_vib": 2, "prune": 2, "train_control": 3, "make_table4": 1, "make_figure1": 1},
    ),
    ({"cnns": {"small_cnn": {"precision": "bfloat16"}}}, FEATURES),
    ({"sampling": {"seed": 1}}, both(FEATURES, PIXEL_FEATURES)),
    ({"cnns": {"pixels": {"size": [4, 3]}}}, {"prepare_weights": 1, **PIXEL_FEATURES}),
    ({"datasets": {"tiny_pixels": {"sampling": {"frames": 3}}}}, PIXEL_FEATURES),
    ({"datasets": {"tiny_pixels": {"naive": {"epochs": 3}}}}, PIXEL_TRAINING),
    ({"datasets": {"tiny_pixels": {"lstm": {"head": "linear"}}}}, PIXEL_TRAINING),
    ({"datasets": {"tiny_pixels": {"vib": {"training": {"epochs": 3}}}}}, PIXEL_SWEEP),
    ({"datasets": {"tiny_pixels": {"finetune": {"threshold": 2.0}}}}, {"prune": 1, **PIXELS}),
    ({"datasets": {"tiny": {"finetune": {"threshold": 2.0}}}}, PRUNING),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=lambda value: str(value)[:60])
def test_a_change_reruns_its_stages(completed, change: dict[str, Any], expected: dict[str, int]) -> None:
    completed.configure(merge(completed.config, change))
    assert completed.stale("all") == {
        **{rule: jobs for rule, jobs in expected.items() if jobs},
        "all": 1,
        "total": 1 + sum(expected.values()),
    }


def test_a_number_written_otherwise_reruns_nothing(completed) -> None:
    text = (completed.folder / "config.yaml").read_text()
    assert "learning_rate: 0.001" in text
    (completed.folder / "config.yaml").write_text(text.replace("learning_rate: 0.001", "learning_rate: 1.0e-3"))
    assert not completed.stale("all")


def test_another_experiment_has_tables_of_its_own_and_trains_nothing(completed) -> None:
    completed.configure(merge(completed.config, {"experiment": "other"}))
    assert completed.stale("all").keys() == {*RESULTS, "all", "total"}
