"""Check a config against its schema, and fill in the defaults."""

import copy
from functools import reduce
from operator import getitem
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from vibhar.errors import InputError
from vibhar.workflow.config_messages import check_keys, explain
from vibhar.workflow.config_names import check_names
from vibhar.workflow.config_queries import Config

OVERRIDABLE = (
    "sampling",
    "lstm",
    "naive",
    "vib",
    "finetune",
)  # the sections that a dataset may override


def check_config(config: Config, schema: Config) -> Config:
    """Return the config with all defaults filled in, and each dataset with its own copy of the overridable sections.

    Raises InputError with the most relevant fault.
    """
    check_keys(config)
    complete = copy.deepcopy(config)
    complete_datasets(complete)
    validator = Draft202012Validator(schema)
    fault = best_match(validator.iter_errors(complete))
    if fault:
        raise InputError(explain(fault))
    fill_defaults(complete, schema, schema)
    check_names(complete)
    return complete


def complete_datasets(config: Config) -> None:
    """Copy the overridable sections into each dataset, in place, merged with the dataset's own values."""
    datasets = config.get("datasets")
    for dataset in datasets.values() if isinstance(datasets, dict) else ():
        if isinstance(dataset, dict):  # the schema refuses anything else
            dataset |= {section: merge(config.get(section), dataset.get(section, {})) for section in OVERRIDABLE}


def merge(base: Any, over: Any) -> Any:
    """Return `base` updated recursively by `over`; anything that is not a mapping is replaced."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return base | {key: merge(base.get(key), value) for key, value in over.items()}


def fill_defaults(value: Any, schema: Config, root: Config) -> None:
    """Put the schema's defaults into `value`, in place, through `$ref`, `properties` and `additionalProperties`."""
    if "$ref" in schema:
        target = reduce(getitem, schema["$ref"].removeprefix("#/").split("/"), root)
        fill_defaults(value, target, root)
    if not isinstance(value, dict):
        return
    for key, inner in schema.get("properties", {}).items():
        if "default" in inner:
            value.setdefault(key, copy.deepcopy(inner["default"]))
        if key in value:
            fill_defaults(value[key], inner, root)
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        for inner_value in value.values():
            fill_defaults(inner_value, others, root)
