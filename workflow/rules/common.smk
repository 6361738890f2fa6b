# The checked config, and helpers that all rules share.
import json
from pathlib import Path

import yaml
from snakemake.exceptions import WorkflowError

from vibhar.config import check_config
from vibhar.errors import InputError
from vibhar.host import count_gpus, put_interpreter_first
from vibhar.inputs import NAMED_WEIGHTS, check_inputs, fingerprint
from vibhar.provenance import code_hash

put_interpreter_first()

SCHEMA = Path(workflow.basedir, "workflow/schemas/config.schema.yaml")
try:
    config = check_config(config, yaml.safe_load(SCHEMA.read_text()))
    check_inputs(config)
except InputError as error:
    raise WorkflowError(error)

# What a job that can use a GPU asks of the resource `gpu`: nothing on a machine that has none.
GPU = count_gpus()
EXPERIMENT = f"results/{config['experiment']}"


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    cnn="|".join(config["cnns"]),
    split="(split|group|clip)[0-9]+",
    seed="[0-9]+",
    beta="[0-9.e+-]+",
    shard="[0-9]+",
    shards="[0-9]+",


def canonical(value):
    """JSON that is equal where the values are, however the config writes them."""
    return json.dumps(value, sort_keys=True)


def dataset_of(wildcards):
    """The config of the rule's dataset."""
    return config["datasets"][wildcards.dataset]


def root_of(wildcards):
    """The folder of the rule's dataset: the user's own, or the rendered one."""
    return dataset_of(wildcards).get("root", f"results/rendered/{wildcards.dataset}")


def override(section, wildcards):
    """A section of the config with what the rule's dataset overrides in it."""
    return config[section] | dataset_of(wildcards).get(section, {})


def code(stage):
    """The hash of a stage's code and of all that it imports; an edit of another stage leaves it as it was."""
    return code_hash(f"vibhar.stages.{stage}")


def shards(pattern):
    """The files of all shards of a dataset, for the input of a rule that joins them."""
    return expand(
        pattern,
        shard=range(config["data"]["shards"]),
        shards=config["data"]["shards"],
        allow_missing=True,
    )


def runs(result):
    """The metrics of all trainings that a table or a figure shows: naive, and the sweep over beta."""
    wanted = config[result]
    return [
        path
        for name in wanted["datasets"]
        for path in expand(
            [
                "results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/metrics.json",
                "results/{dataset}/models/{cnn}/{split}/vib/beta~{beta}/seed~{seed}/metrics.json",
            ],
            dataset=name,
            cnn=wanted["cnn"],
            split=config["datasets"][name]["splits"],
            beta=[
                f"{beta:g}"
                for beta in config["datasets"][name].get(
                    "betas", config["vib"]["betas"]
                )
            ],
            seed=config["seeds"],
        )
    ]
