# The checked config, and the helpers that all rules share.
import hashlib
import json
import os
import sys
from collections import defaultdict
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import NamedTuple

import yaml
from snakemake.exceptions import WorkflowError

import vibhar
from vibhar.datasets.sources import SOURCES
from vibhar.errors import InputError
from vibhar.stages.server import start
from vibhar.workflow.cache import cached_keys, trim
from vibhar.workflow.commands import command_line, parameters_of
from vibhar.workflow.config import check_config
from vibhar.workflow.config_messages import check_repeated_keys
from vibhar.workflow.config_queries import RESULTS, cnns_of, datasets_with_flow
from vibhar.workflow.config_queries import is_external, is_fused, is_imported
from vibhar.workflow.host import (
    clean_environment,
    count_gpus,
    put_interpreter_first,
    typed_cores,
)
from vibhar.workflow.inputs import (
    NAMED_WEIGHTS,
    check_inputs,
    fingerprint_arrays,
    fingerprint_file,
    fingerprint_lists,
    fingerprint_shards,
    fingerprint_unused,
)
from vibhar.workflow.locks import take_over_locks
from vibhar.workflow.provenance import code_hash, installed

put_interpreter_first()
clean_environment()

# What the user types wins over the profile.
CORES = typed_cores(sys.argv) if workflow.local_exec else None
if CORES:
    workflow.resource_settings.cores = workflow.global_resources["_cores"] = CORES

# After a kill nobody has to type --unlock.
if workflow.is_main_process and not workflow.dryrun and os.access(".", os.W_OK):
    if said := take_over_locks():
        logger.warning(said)

WORKFLOW = Path(workflow.current_basedir).parent
PACKAGE = Path(vibhar.__file__).parent
GIVEN = deepcopy(config)
try:
    for file in workflow.configfiles:
        check_repeated_keys(Path(file).read_text(), file)
    config = check_config(
        config,
        yaml.safe_load(Path(WORKFLOW, "schemas/config.schema.yaml").read_text()),
    )
    check_inputs(config)
    GPU = count_gpus()  # what a job that can use one asks of the resource `gpu`
except InputError as error:
    raise WorkflowError(error)

EXPERIMENT = f"results/{config['experiment']}"
LOGS = f"logs/{config['experiment']}"

# The shell command of every rule that calls a stage.
STAGE = "{params.command} > {log} 2>&1"


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    cnn="|".join(config["cnns"]),
    split="(split|group|clip)[0-9]+",
    seed="[0-9]+",
    value="[0-9.e+-]+",
    shard="[0-9]+",
    shards="[0-9]+",
    key="[0-9a-f]{16}",


def pattern(names):
    """A pattern of exactly these names; one that matches nothing where there are none."""
    return "|".join(sorted(names)) or "(?!)"


# Datasets of features and datasets of videos; CNNs of others, pairs of CNNs, and CNNs that run here.
IMPORTED = {name for name in config["datasets"] if is_imported(config, name)}
EXTERNAL = {name for name in config["cnns"] if is_external(config, name)}
FUSED = {name for name in config["cnns"] if is_fused(config, name)}
VIDEOS = pattern({*config["datasets"]} - IMPORTED)
TRUNKS = pattern({*config["cnns"]} - EXTERNAL - FUSED)
IMPORTED, EXTERNAL, FUSED = map(pattern, (IMPORTED, EXTERNAL, FUSED))


def stage(name, **given):
    """What a rule gives a stage, the hash of the stage's code, and the command line that runs it.

    The command line has every parameter of the stage's function. Each is found by its name among the params, the
    inputs, the outputs and the wildcards. Snakemake reruns a job when the code or what is given has changed.
    """
    called = f"vibhar.stages.{name}"

    def line(wildcards, input, output, **more):
        values = {
            key: value(wildcards) if callable(value) else value
            for key, value in given.items()
        }
        for source in (input, output, wildcards):
            values = dict(source.items()) | values
        return command_line(called, more | values)

    def plain(wildcards, input, output):
        return line(wildcards, input, output)

    def threaded(wildcards, input, output, threads):
        return line(wildcards, input, output, threads=threads)

    command = threaded if "threads" in parameters_of(called) else plain
    return given | {"code": code(name), "command": command}


def code(name):
    """The hash of a stage's code and of all that it imports; an edit of another stage leaves it as it was."""
    return code_hash(f"vibhar.stages.{name}")


def canonical(value):
    """JSON that is equal where the values are, however the config writes them."""
    return json.dumps(value, sort_keys=True)


def dataset_of(wildcards):
    """The config of the rule's dataset."""
    return config["datasets"][wildcards.dataset]


def override(section, wildcards):
    """A section of the config with what the rule's dataset overrides in it."""
    return dataset_of(wildcards)[section]


def root_of(wildcards):
    """The folder of the rule's dataset: the user's own, or the rendered one."""
    return dataset_of(wildcards).get("root", f"results/rendered/{wildcards.dataset}")


def growing(amount):
    """Memory in MB or time in minutes: as much again at each new attempt of a job that may have failed for want of it."""

    def needed(wildcards, attempt):
        return amount * attempt

    return needed
