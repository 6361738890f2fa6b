"""Every leaf of config.yaml and of config/paper.yaml, a change of it, and the rules that must run again for it.

The changes are of the small config of `conftest.py`, whose dataset `tiny` is that of all results but Table 1.
"""

from typing import Any

Rules = frozenset[str]


def rules(*names: str | Rules) -> Rules:
    """A set of rules of their names and of other sets."""
    return frozenset().union(*({name} if isinstance(name, str) else name for name in names))


PI = rules("make_bundle", "measure_accuracy", "measure_latency", "make_table_pi", "make_figure_pi")
CHOSEN = rules("make_table2", "make_table3", "make_figure2", "make_figure3", PI)  # of the beta that validation chooses
SWEPT = rules(CHOSEN, "make_figure4", "make_figure5", "make_pareto")
RESULTS = rules(SWEPT, "make_table4", "make_figure1")
PIXELS = rules("make_table1", "make_pixels")

COMPRESSED = rules("prune", "train_iss", "train_control", RESULTS)
SWEEP = rules("train_vib", "make_curves", COMPRESSED)
NAIVE = rules("train_naive", "train_baseline", SWEEP)
TRAINING = rules("train_small", NAIVE)
STORES = rules("build_store", "fuse_features", "train_comparison", TRAINING)
FEATURES = rules("extract_features", STORES)
FRAMES = rules("sample_frames", "keep_record", "index_clips", "summarise_clips", "compute_flow", FEATURES)
CLIPS = rules("list_clips", FRAMES, "make_contact_sheet")

ON_FLOW = rules("make_curves", "train_naive", "train_baseline", "train_vib", "prune", "train_iss", "make_table3")
FLOW_STORE = rules("build_store", "fuse_features", ON_FLOW)
FLOW_TRUNK = rules("prepare_weights", "describe_fused", "extract_features", FLOW_STORE)
FLOW = rules("compute_flow", "extract_features", "make_contact_sheet", "train_comparison", FLOW_STORE)
TARGET = rules("train_vib", "prune", "make_pareto")
GROUP_LASSO = rules("train_iss", "make_table2", "make_table3", "make_figure3", "make_pareto")
NEW_CNN = rules("prepare_weights", "sample_frames", "extract_features", "build_store")  # the frames were for a while
NEW_DATASET = rules("sample_frames", "extract_features", "build_store", "train_naive", "train_vib", "prune")
NAMED = rules("make_table2", "make_figure3", "make_table3", "make_table4")  # they name the weights
SECOND = rules(NEW_DATASET, "make_table2", "make_figure3")
CONVOLUTIONAL = rules("train_comparison", "make_table2", "make_figure3")

SUMMARY = rules("summarise_clips", "make_figure3", "make_table_pi", *(f"make_table{n}" for n in "1234"))

SCHEDULE: dict[str, Any] = {"epochs": 3, "batch_size": 8, "learning_rate": 2.0e-3, "weight_decay": 0.02}
TEACHING: dict[str, Any] = {"weight": 0.5, "temperature": 3.0, "mixup": False}
BETAS = [1.0e-4, 1.0e-2, 1.0e-3]

CHANGES: list[tuple[str, dict[str, Any], Rules]] = [
    ("", {"experiment": "other"}, rules(RESULTS, PIXELS, "make_contact_sheet", "make_curves")),
    ("", {"seeds": [0, 1]}, rules(TRAINING, "train_comparison", PIXELS) - {"make_figure1"}),
    ("data", {"max_unreadable": 0.5, "near_duplicates": 6}, SUMMARY),
    ("data", {"duplicates": "drop"}, rules("index_clips", "summarise_clips", STORES, PIXELS)),
    ("data", {"seconds_per_clip": 61, "shards": 2}, rules(FRAMES, "make_contact_sheet", PIXELS)),
    (
        "sampling",
        {"strategy": "uniform", "frames": 3, "views": 3, "seed": 1},
        rules(FRAMES, "make_contact_sheet", PIXELS),
    ),
    ("cache", {"flow": False, "gigabytes": 1}, rules()),
    ("datasets.tiny", {"kind": "folders"}, CLIPS),
    ("datasets.tiny", {"splits": ["group2"]}, rules("summarise_clips", "train_comparison", TRAINING)),
    (
        "datasets.tiny.render",
        {"layout": "hmdb51", "seed": 1, "groups": 6, "clips_per_group": 2, "frames": [8, 13]},
        rules("render", CLIPS),
    ),
    ("datasets.tiny.sampling", {"strategy": "uniform", "frames": 3, "views": 3}, rules(FRAMES, "make_contact_sheet")),
    ("datasets.tiny.lstm", {"hidden": 9}, NAIVE),
    ("datasets.tiny.lstm", {"readout": "mean", "head": "batch_norm"}, TRAINING),
    ("datasets.tiny.naive", {"epochs": 3, "batch_size": 8, "learning_rate": 2.0e-3}, TRAINING),
    ("datasets.tiny.vib", {"betas": BETAS}, rules("train_vib", "prune", "make_curves", SWEPT)),
    ("datasets.tiny.vib", {"input_beta_ratio": 0.3}, SWEEP),
    ("datasets.tiny.vib.distillation", {"mixup": False}, SWEEP),
    ("datasets.tiny.vib.training", {"batch_size": 8, "learning_rate": 2.0e-3, "gate_learning_rate": 0.02}, SWEEP),
    ("datasets.tiny.vib.target.goals", {"target_ratio": [2], "max_accuracy_drop": [50.0]}, TARGET),
    ("datasets.tiny.finetune.training", {"learning_rate": 2.0e-3}, COMPRESSED - {"make_figure1"}),
    ("datasets.tiny.finetune.distillation", {"mixup": False}, COMPRESSED - {"make_figure1"}),
    ("flow", {"short_side": 17, "bound": 3.0}, FLOW),
    ("flow.parameters", {"warps": 2}, FLOW),
    ("cnns.small_cnn", {"weights": "rendered", "seed": 2}, rules(NEW_CNN, "describe_fused", STORES)),
    (
        "cnns.small_cnn",
        {"label": "ours"},
        rules("prepare_weights", "describe_fused", NAMED, PI),
    ),
    ("cnns.small_cnn_random", {"seed": 3, "backbone": "mobilenet_v2"}, rules(NEW_CNN, SECOND)),
    ("cnns.small_cnn_random", {"crops": 2}, SECOND),
    ("cnns.small_cnn_flow", {"modality": "rgb"}, rules("sample_frames", FLOW_TRUNK)),
    ("cnns.small_cnn_flow", {"flow_input": "stack"}, FLOW_TRUNK),
    ("cnns.small_cnn_flow", {"flips": True}, rules("extract_features", FLOW_STORE)),
    (
        "cnns.small_cnn_both",
        {"fuse": ["small_cnn_random", "small_cnn_flow"]},
        rules("describe_fused", "fuse_features", ON_FLOW),
    ),
    (
        "cnns.pixels",
        {"size": [4, 3]},
        rules(NEW_CNN, "train_naive", "train_baseline", "train_vib", "prune", "make_curves", PIXELS),
    ),
    ("lstm", {"hidden": 9}, rules(NAIVE, PIXELS)),
    ("lstm", {"readout": "mean", "dropout": 0.1, "input_dropout": 0.1}, rules(TRAINING, PIXELS)),
    ("naive", {**SCHEDULE, "label_smoothing": 0.2, "keep": "last"}, rules(TRAINING, PIXELS)),
    ("vib", {"betas": BETAS}, rules("train_vib", "prune", "make_curves", SWEPT)),
    (
        "vib",
        {"input_beta_ratio": 0.3, "noise": "sequence", "evaluation": "mask", "start": "scratch"},
        rules(SWEEP, PIXELS),
    ),
    ("vib", {"dropout": 0.1, "input_dropout": 0.1}, rules(SWEEP, PIXELS)),
    ("vib.distillation", TEACHING, rules(SWEEP, PIXELS)),
    (
        "vib.training",
        {**SCHEDULE, "gate_learning_rate": 0.02, "penalty_warmup": 0.4, "keep": "best"},
        rules(SWEEP, PIXELS),
    ),
    ("vib.target", {"beta": 0.02, "growth": 1.2, "input_growth": 1.3}, TARGET),
    ("vib.target.goals", {"target_ratio": [2], "max_accuracy_drop": [50.0]}, TARGET),
    (
        "vib.target.training",
        {**SCHEDULE, "gate_learning_rate": 0.02, "one_cycle": True, "penalty_warmup": 0.4, "keep": "best"},
        TARGET,
    ),
    ("finetune", {"threshold": 2.0}, rules(COMPRESSED, PIXELS)),
    ("finetune", {"dropout": 0.1, "input_dropout": 0.1}, rules(COMPRESSED, PIXELS) - {"make_figure1"}),
    ("finetune.distillation", TEACHING, rules(COMPRESSED, PIXELS) - {"make_figure1"}),
    ("finetune.training", {**SCHEDULE, "keep": "best"}, rules(COMPRESSED, PIXELS) - {"make_figure1"}),
    ("iss", {"strengths": [2.0e-2], "threshold": 0.2}, GROUP_LASSO),
    ("iss", {"vib_beta": 1.0e-2}, GROUP_LASSO - {"make_table3"}),
    ("iss.distillation", TEACHING, GROUP_LASSO),
    (
        "iss.training",
        {"epochs": 3, "batch_size": 8, "learning_rate": 2.0e-3, "penalty_warmup": 0.4, "keep": "best"},
        GROUP_LASSO,
    ),
    ("small", {"hidden": [2, 3]}, rules("train_small", "make_figure4", "make_pareto")),
    ("temporal_segments", {"segments": 1, "pool": True}, rules("train_baseline", "train_vib", "prune", "make_table3")),
    ("comparisons.two_stream_lstm", {"cnn": "maps2"}, rules(NEW_CNN, CONVOLUTIONAL)),
    ("comparisons.two_stream_lstm.network", {"units": 32, "dropout": 0.4}, CONVOLUTIONAL),
    ("comparisons.two_stream_lstm.training", {**SCHEDULE, "label_smoothing": 0.2}, CONVOLUTIONAL),
    ("comparisons.attention_conv_lstm", {"cnn": "maps2"}, rules(NEW_CNN, CONVOLUTIONAL, "make_table3")),
    (
        "comparisons.attention_conv_lstm.network",
        {"channels": 16, "hidden": 16, "dropout": 0.4},
        rules(CONVOLUTIONAL, "make_table3"),
    ),
    (
        "comparisons.attention_conv_lstm.training",
        {**SCHEDULE, "label_smoothing": 0.2},
        rules(CONVOLUTIONAL, "make_table3"),
    ),
    (
        "comparisons.two_stream_i3d",
        {"cnn": "pixels2_both"},
        rules(NEW_CNN, "describe_fused", "fuse_features", "train_comparison", "make_table3"),
    ),
    ("comparisons.two_stream_i3d.network", {"weights": "imagenet"}, rules("train_comparison", "make_table3")),
    (
        "comparisons.two_stream_i3d.training",
        {**SCHEDULE, "label_smoothing": 0.2},
        rules("train_comparison", "make_table3"),
    ),
    ("selection", {"max_accuracy_drop": 3.0}, rules(CHOSEN, PIXELS)),
    (
        "table1",
        {"datasets": ["tiny"], "cnn": "pixels_rgb"},
        rules(NEW_DATASET, "train_baseline", "make_curves", PIXELS),
    ),
    (
        "table2",
        {"datasets": ["tiny_pixels"]},
        rules(
            NEW_DATASET, "train_baseline", "train_iss", "train_comparison", "make_table2", "make_figure3", "make_curves"
        ),
    ),
    (
        "table2",
        {"cnn": "small_cnn_random"},
        rules("train_baseline", "train_iss", "make_table2", "make_figure3", "make_curves"),
    ),
    ("table2", {"second_cnn": None, "comparisons": []}, rules("make_table2", "make_figure3")),
    (
        "table3",
        {"datasets": ["tiny_pixels"]},
        rules(NEW_DATASET, FLOW - {"make_contact_sheet"}, "make_contact_sheet"),
    ),
    ("table3", {"cnn": "small_cnn"}, rules("train_baseline", "train_vib", "prune", "make_table3", "make_curves")),
    ("table3", {"comparisons": []}, rules("make_table3")),
    ("table4", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, "train_control", "make_table4", "make_figure1")),
    (
        "table4",
        {"cnn": "small_cnn_random", "beta": 1.0e-2},
        rules("train_vib", "prune", "train_control", "make_table4", "make_figure1"),
    ),
    ("figure2", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, "make_figure2")),
    ("figure2", {"cnn": "small_cnn_random"}, rules("make_figure2")),
    ("figure4", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, "train_small", "make_figure4")),
    ("figure4", {"cnn": "small_cnn_random"}, rules("train_small", "make_figure4")),
    ("figure5", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, "make_figure5")),
    ("figure5", {"cnn": "small_cnn_random"}, rules("make_figure5")),
    ("pareto", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, "train_small", "train_iss", "make_pareto")),
    ("pareto", {"cnn": "small_cnn_random"}, rules("train_small", "train_iss", "train_vib", "prune", "make_pareto")),
    ("edge", {"datasets": ["tiny_pixels"]}, rules(NEW_DATASET, PI)),
    ("edge", {"cnn": "small_cnn_random"}, PI),
    ("edge", {"methods": ["vib", "iss"]}, PI),
    ("edge", {"queries": 17, "seconds": 0.01}, rules("measure_latency", "make_table_pi", "make_figure_pi")),
]
