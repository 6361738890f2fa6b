"""Check a config against its schema, fill in defaults, and say in errors what to write instead."""

import copy
import difflib
from collections.abc import Iterator
from datetime import date
from functools import reduce
from itertools import chain, product
from operator import getitem
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from vibhar.errors import InputError

Config = dict[str, Any]

RESULTS = (
    "table1",
    "table2",
    "table3",
    "table4",
    "figure2",
    "figure4",
    "figure5",
    "pareto",
    "edge",
)  # the sections that name datasets and a CNN
OVERRIDABLE = ("sampling", "lstm", "naive", "vib", "finetune")  # the sections that a dataset may override
WEIGHTLESS = ("external", "pixels", "fused")


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


def explain(fault: ValidationError) -> str:
    """Return a paragraph that says where the config is wrong, why, and what to write instead."""
    where = ".".join(str(part) for part in fault.absolute_path) or "the top level"
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        unknown = next(key for key in fault.instance if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.0)
        return (
            f"The config has an unknown key `{unknown}` at {where}. Did you mean `{near[0]}`? "
            f"Known there: {', '.join(known)}."
        )
    if fault.validator == "type" and (advice := explain_type(fault.instance, fault.validator_value)):
        return f"The config's `{where}` is {advice}"
    if fault.validator == "oneOf":
        return (
            f"The config's `{where}` has both or neither of `root` (a folder of videos) and `render`. Give one of them."
        )
    meaning = fault.schema.get("description", "") if isinstance(fault.schema, dict) else ""
    return f"The config's `{where}` is wrong: {shorten(fault.message)}. {meaning}".rstrip()


def shorten(message: str, most: int = 300) -> str:
    """The message, cut where it would print a list of many classes."""
    return message if len(message) <= most else f"{message[: most - 100]} … {message[-100:]}"


def explain_type(value: object, wanted: str | list[str]) -> str:
    """What a value is that has another type than was `wanted`, and what to write; empty for what needs no advice."""
    types = {wanted} if isinstance(wanted, str) else {*wanted}
    if types & {"number", "integer", "boolean"} and isinstance(value, str):
        return explain_text(value)
    if value is None:
        return "empty. Give it a value, or take the line out."
    if "array" in types and not isinstance(value, dict | list):
        return f"{value!r}, not a list. Write [{value}]."
    if "string" in types and isinstance(value, bool | int | float | date):
        return (
            f"{value!r} to YAML, not a text: it takes digits (with underscores and points, too), dates, yes, no, on "
            'and off for values of their own. Write it in quotes, as in "2023_11_27".'
        )
    return ""


def explain_text(text: str) -> str:
    """What a text is that stands where a number or a truth value should be, and what to write."""
    if not isinstance(yaml.safe_load(text), str):
        return (
            f"the text {text!r}. Within quotes all is text; and `--config` makes texts of all that stands in braces "
            "or brackets. Take the quotes away, or put the setting into a file, say mine.yaml, and call snakemake "
            "with `--configfile mine.yaml`."
        )
    if is_number(text):
        return (
            f"the text {text!r}, not a number: YAML reads an exponent only with a point and a digit after it. "
            f"Write {yaml_number(text)}."
        )
    return ""


def check_keys(value: object, where: str = "") -> None:
    """Raise InputError for a key that YAML reads as a number, a date or a truth value."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if not isinstance(key, str):
            raise InputError(
                f"The config has the key {key!r} at {where or 'the top level'}, which YAML does not read as a text. "
                'Write it in quotes, as in "2023_11_27" or "on".'
            )
        check_keys(inner, f"{where}.{key}" if where else key)


def check_repeated_keys(text: str, file: str) -> None:
    """Raise InputError for a key that stands twice in one mapping of a YAML text; YAML would take the last one."""
    todo = [yaml.compose(text, yaml.SafeLoader)]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            for place, (key, inner) in enumerate(node.value):
                if key.value in keys[:place]:
                    raise InputError(
                        f"The key `{key.value}` of {file} stands there twice, the second time in line "
                        f"{key.start_mark.line + 1}. Take one of the two out."
                    )
                todo.append(inner)


def is_number(value: object) -> bool:
    """Return whether a value is a text that was probably meant as a number."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def yaml_number(text: str) -> str:
    """Return a number's text in a form that YAML 1.1 reads as a number: 1.0e-5 for 1e-5."""
    mantissa, exponent, power = text.lower().partition("e")
    point = mantissa if "." in mantissa else f"{mantissa}.0"
    sign = "" if not exponent or power[0] in "+-" else "+"
    return f"{point}{exponent}{sign}{power}"


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


def check_names(config: Config) -> None:
    """Raise InputError for faults that a schema cannot describe, such as undefined names and repeated betas."""
    for fault in chain(
        unknown_references(config),
        mismatched_features(config),
        mismatched_cnns(config),
        unfit_fusions(config),
        unfit_comparisons(config),
        unfit_table1(config),
        repeated_betas(config),
    ):
        raise InputError(fault)
    if config["experiment"] in {*config["datasets"], "cnns", "rendered"}:
        raise InputError(
            f"The config's `experiment` is {config['experiment']!r}, which is also the folder of a dataset or of the "
            "CNN weights under results/. Give the experiment another name."
        )


def unknown_references(config: Config) -> Iterator[str]:
    """Yield a message for each dataset or CNN that a table or figure names and the config does not define."""
    for result in RESULTS:
        for method in config[result].get("comparisons", ()):
            if method not in config["comparisons"]:
                raise InputError(
                    f"The config's `{result}` compares with {method!r}, which `comparisons` does not define."
                )
        named = [("datasets", name) for name in config[result]["datasets"]]
        for section, name in named + [("cnns", name) for name in cnns_of(config, result)]:
            if name not in config[section]:
                yield (
                    f"The config's `{result}` names {name!r}, which `{section}` does not define. "
                    f"Defined there: {', '.join(config[section])}."
                )


def mismatched_features(config: Config) -> Iterator[str]:
    """Yield a message for each result that combines imported features with a CNN, or videos with an external CNN."""
    for result in RESULTS:
        for name, cnn in product(config[result]["datasets"], cnns_of(config, result)):
            if is_imported(config, name) != is_external(config, cnn):
                yield (
                    f"The config's `{result}` asks for features of the dataset {name!r} by the CNN {cnn!r}. A dataset "
                    "of kind features needs a CNN with `backbone: external`, which says whose features they are; a "
                    "dataset of videos needs one of the others."
                    + (" `second_cnn` may be null." if cnn == config[result].get("second_cnn") else "")
                    + (" `comparisons` may be empty." if config[result].get("comparisons") else "")
                )


def mismatched_cnns(config: Config) -> Iterator[str]:
    """Yield a message for each CNN whose `size`, `crops` or `weights` do not fit its backbone."""
    for name, cnn in config["cnns"].items():
        if (cnn["backbone"] == "pixels") != (cnn["size"] is not None):
            yield (
                f"The config's `cnns.{name}` has the backbone {cnn['backbone']} and the size {cnn['size']}. The "
                "backbone pixels needs `size: [rows, columns]`; the others have a size of their own, and take none."
            )
        if cnn["backbone"] == "pixels" and cnn["crops"] > 1:
            yield (
                f"The config's `cnns.{name}` has {cnn['crops']} crops of the backbone pixels, which resizes the whole "
                "picture. Leave `crops` at 1."
            )
        if cnn["weights"] == name or config["cnns"].get(cnn["weights"], cnn)["weights"] in config["cnns"]:
            yield f"The config's `cnns.{name}` takes the weights of {cnn['weights']!r}, which has none of its own."
        if (cnn["backbone"] in WEIGHTLESS) != (cnn["weights"] == "none"):
            yield (
                f"The config's `cnns.{name}` has the backbone {cnn['backbone']} and the weights {cnn['weights']}. The "
                f"backbones {', '.join(WEIGHTLESS)} have `weights: none`; the others need weights."
            )


def unfit_fusions(config: Config) -> Iterator[str]:
    """Yield a message for each fused CNN with wrong parts: too few, fused or external, or different `crops`."""
    for name, cnn in config["cnns"].items():
        parts = cnn["fuse"]
        if (cnn["backbone"] == "fused") != (len(parts) > 1):
            yield (
                f"The config's `cnns.{name}` has the backbone {cnn['backbone']} and fuses {len(parts)} CNNs. The "
                "backbone fused needs `fuse: [one CNN, another]`; the others take none."
            )
        for part in parts:
            if config["cnns"].get(part, cnn)["backbone"] in ("fused", "external"):
                known = [key for key, other in config["cnns"].items() if other["backbone"] not in ("fused", "external")]
                yield f"The config's `cnns.{name}` fuses {part!r}. It can fuse those of {', '.join(known)}."
        crops = {part: config["cnns"][part]["crops"] for part in parts if part in config["cnns"]}
        if len(set(crops.values())) > 1:
            yield f"The config's `cnns.{name}` fuses CNNs with different `crops`: {crops}. Give them the same."


def unfit_comparisons(config: Config) -> Iterator[str]:
    """Yield a message for each comparison system whose CNN is undefined or does not return what it needs."""
    for method, comparison in config["comparisons"].items():
        cnn = config["cnns"].get(comparison["cnn"])
        if cnn is None:
            yield f"The config's `comparisons.{method}` names {comparison['cnn']!r}, which `cnns` does not define."
        elif method != "two_stream_i3d" and not cnn["backbone"].endswith("_maps"):
            yield (
                f"The config's `comparisons.{method}` is on the CNN {comparison['cnn']!r}, whose backbone "
                f"{cnn['backbone']} gives no map. Name one with a backbone `*_maps`."
            )
        elif method == "two_stream_i3d" and [pixel_modality(config, part) for part in cnn["fuse"]] != ["rgb", "flow"]:
            yield (
                f"The config's `comparisons.two_stream_i3d` is on the CNN {comparison['cnn']!r}. It needs a fused one "
                "of two with the backbone pixels, the first of modality rgb and the second of modality flow."
            )


def pixel_modality(config: Config, cnn: str) -> str | None:
    """Return the modality ("rgb" or "flow") of a CNN with the backbone pixels; None for other backbones."""
    chosen = config["cnns"][cnn]
    return chosen["modality"] if chosen["backbone"] == "pixels" else None


def unfit_table1(config: Config) -> Iterator[str]:
    """Yield a message if the CNN of Table 1 does not have the backbone pixels."""
    cnn = config["table1"]["cnn"]
    if config["cnns"][cnn]["backbone"] != "pixels":
        yield (
            f"The config's `table1` is of raw pixels, but its CNN {cnn!r} has another backbone. Name one with "
            "`backbone: pixels`; features of CNNs are compared by `table2`."
        )


def cnns_of(config: Config, result: str) -> list[str]:
    """Return the CNNs that a table or figure needs: its own, a second one, those of its comparisons."""
    wanted = config[result]
    compared = [config["comparisons"][method]["cnn"] for method in wanted.get("comparisons", ())]
    return list(dict.fromkeys([wanted["cnn"], *filter(None, [wanted.get("second_cnn")]), *compared]))


def datasets_with_flow(config: Config) -> set[str]:
    """Return the datasets whose optical flow some result needs."""
    return {
        name
        for result in RESULTS
        for name, cnn in product(config[result]["datasets"], cnns_of(config, result))
        if any(config["cnns"][part]["modality"] == "flow" for part in [cnn, *config["cnns"][cnn]["fuse"]])
    }


def is_imported(config: Config, dataset: str) -> bool:
    """Return whether a dataset consists of features that were computed elsewhere."""
    return config["datasets"][dataset]["kind"] == "features"


def is_external(config: Config, cnn: str) -> bool:
    """Return whether a CNN only names features that were computed elsewhere."""
    return config["cnns"][cnn]["backbone"] == "external"


def is_fused(config: Config, cnn: str) -> bool:
    """Return whether a CNN is several others, whose features are concatenated."""
    return config["cnns"][cnn]["backbone"] == "fused"


def repeated_betas(config: Config) -> Iterator[str]:
    """Yield a message for each beta or strength that is twice in a sweep, however it is written."""
    own = {f"datasets.{name}.vib.betas": dataset["vib"]["betas"] for name, dataset in config["datasets"].items()}
    lists = {"vib.betas": config["vib"]["betas"], "iss.strengths": config["iss"]["strengths"], **own}
    for where, betas in lists.items():
        for position, beta in enumerate(betas):
            if beta in betas[:position]:
                yield f"The config's `{where}` holds {beta:g} twice. Take one of them out."
