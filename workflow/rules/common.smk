# The checked config, and helpers that all rules share.
import hashlib
import json
import os
import sys
from copy import deepcopy
from itertools import product
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

from vibhar.workflow.cache import cached_keys, trim
from vibhar.workflow.config import RESULTS, check_config, cnns_of, datasets_with_flow
from vibhar.workflow.config import is_external, is_fused, is_imported
from vibhar.datasets.sources import SOURCES
from vibhar.errors import InputError
from vibhar.workflow.host import count_gpus, put_interpreter_first
from vibhar.workflow.inputs import NAMED_WEIGHTS, check_inputs
from vibhar.workflow.inputs import fingerprint_arrays, fingerprint_file, fingerprint_shards
from vibhar.workflow.inputs import fingerprint_unused
from vibhar.workflow.provenance import code_hash, installed

put_interpreter_first()

GIVEN = deepcopy(config)
SCHEMA = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")
try:
    config = check_config(config, yaml.safe_load(SCHEMA.read_text()))
    check_inputs(config)
    GPU = count_gpus()  # what a job that can use one asks of the resource `gpu`
except InputError as error:
    raise WorkflowError(error)

# The datasets that some result is of.
DATASETS = {name for result in RESULTS for name in config[result]["datasets"]}
EXPERIMENT = f"results/{config['experiment']}"


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    cnn="|".join(config["cnns"]),
    split="(split|group|clip)[0-9]+",
    seed="[0-9]+",
    beta="[0-9.e+-]+",
    strength="[0-9.e+-]+",
    knob="beta|target_params|target_ratio|max_accuracy_drop",
    value="[0-9.e+-]+",
    hidden="[0-9]+",
    shard="[0-9]+",
    shards="[0-9]+",
    key="[0-9a-f]{16}",


# Patterns of the datasets that are features already, and of those that are videos; of the CNNs that others have run, of
# those that are two side by side, and of those that run here.
IMPORTED = {name for name in config["datasets"] if is_imported(config, name)}
EXTERNAL = {name for name in config["cnns"] if is_external(config, name)}
FUSED = {name for name in config["cnns"] if is_fused(config, name)}
VIDEOS = {*config["datasets"]} - IMPORTED
TRUNKS = {*config["cnns"]} - EXTERNAL - FUSED
IMPORTED, EXTERNAL, FUSED, VIDEOS, TRUNKS = (
    "|".join(sorted(names)) or "(?!)"  # which matches no name
    for names in (IMPORTED, EXTERNAL, FUSED, VIDEOS, TRUNKS)
)

# Which library computes the flow; its version is part of what the flow is.
FLOW_LIBRARIES = {
    "opencv": "opencv-contrib-python-headless",
    "dis": "opencv-contrib-python-headless",
    "torch": "torch",
}


def check_results():
    """Raise WorkflowError where nothing can be written; a dry run writes nothing."""
    if Path("results").exists() and not os.access("results", os.W_OK):
        raise WorkflowError(
            f"{Path('results').resolve()} cannot be written. Give this user the permission, mount its disk for writing,"
            " or make `results` a link to a folder that can be written. Nothing has been changed."
        )


def canonical(value):
    """JSON that is equal where the values are, however the config writes them."""
    return json.dumps(value, sort_keys=True)


def dataset_of(wildcards):
    """The config of the rule's dataset."""
    return config["datasets"][wildcards.dataset]


def growing(amount):
    """Memory in MB or time in minutes: as much again at each new attempt of a job that may have failed for want of it."""

    def needed(wildcards, attempt):
        return amount * attempt

    return needed


def root_of(wildcards):
    """The folder of the rule's dataset: the user's own, or the rendered one."""
    return dataset_of(wildcards).get("root", f"results/rendered/{wildcards.dataset}")


def override(section, wildcards):
    """A section of the config with what the rule's dataset overrides in it."""
    return dataset_of(wildcards)[section]


def code(stage):
    """The hash of a stage's code and of all that it imports; an edit of another stage leaves it as it was."""
    return code_hash(f"vibhar.stages.{stage}")


def explained(result):
    """The provenance of a table or of a figure."""
    return f"{Path(result).with_suffix('')}.provenance.json"


# Where the runs of each method stand, below results/<dataset>/models/<cnn>/<split>/.
RUNS = {
    "naive": "naive/seed~{seed}",
    "small": "small/hidden~{hidden}/seed~{seed}",
    "tt": "tt/seed~{seed}",
    "bt": "bt/seed~{seed}",
    "tr": "tr/seed~{seed}",
    "ht": "ht/seed~{seed}",
    "ts_naive": "ts_naive/seed~{seed}",
    "ts_lstm": "ts_lstm/seed~{seed}",
    "two_stream_lstm": "two_stream_lstm/seed~{seed}",
    "attention_conv_lstm": "attention_conv_lstm/seed~{seed}",
    "two_stream_i3d": "two_stream_i3d/seed~{seed}",
    "vib": "vib/beta~{beta}/seed~{seed}",
    "ts_vib": "ts_vib/beta~{beta}/seed~{seed}",
    "vib_target": "vib_target/{target}/seed~{seed}",
    "vib_input": "vib_input/beta~{beta}/seed~{seed}",
    "vib_hidden": "vib_hidden/beta~{beta}/seed~{seed}",
    "iss": "iss/strength~{strength}/seed~{seed}",
    "vib_iss": "vib_iss/strength~{strength}/seed~{seed}",
    "kept_inputs": "kept_inputs/beta~{beta}/seed~{seed}",
    "random_inputs": "random_inputs/beta~{beta}/seed~{seed}",
    "frame_mean": "frame_mean/beta~{beta}/seed~{seed}",
}


def runs(result, *methods, cnn="cnn"):
    """The metrics of all runs of some methods that a table or a figure shows, on its CNN or on the `second_cnn`."""
    wanted = config[result] | {"cnn": config[result][cnn] or []}
    return [
        path for name in wanted["datasets"] for path in runs_of(name, wanted, methods)
    ]


def comparison_runs(result):
    """The metrics of the comparison systems of a table, each on a CNN of its own."""
    wanted = config[result]
    return [
        path
        for method in wanted["comparisons"]
        for name in wanted["datasets"]
        for path in runs_of(
            name, wanted | {"cnn": config["comparisons"][method]["cnn"]}, [method]
        )
    ]


def runs_of(dataset, wanted, methods):
    """The same for one dataset: at the beta of the table where it has one, else at all of the sweep."""
    swept = config["datasets"][dataset]["vib"]["betas"]
    betas = [wanted["beta"]] if "beta" in wanted else swept
    return expand(
        [
            f"results/{{dataset}}/models/{{cnn}}/{{split}}/{RUNS[method]}/metrics.json"
            for method in methods
        ],
        dataset=dataset,
        cnn=wanted["cnn"],
        split=config["datasets"][dataset]["splits"],
        beta=[f"{beta:g}" for beta in betas],
        target=targets_of(dataset),
        strength=[f"{strength:g}" for strength in config["iss"]["strengths"]],
        hidden=config["small"]["hidden"],
        seed=config["seeds"],
    )


def targets_of(dataset):
    """The targets that beta is adapted to, besides the sweep, as they stand in the paths of the runs."""
    targets = config["datasets"][dataset]["vib"]["target"]["goals"]
    return [f"{knob}~{value:g}" for knob, values in targets.items() for value in values]
