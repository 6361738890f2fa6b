"""The check of a config against its schema, with messages that say what to write instead."""

import copy
import difflib
from collections.abc import Iterator
from functools import reduce
from itertools import chain, product
from operator import getitem
from typing import Any

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
)  # those that name datasets and a CNN
OVERRIDABLE = ("sampling", "lstm", "naive", "vib", "finetune")  # the sections of which a dataset may have its own
WEIGHTLESS = ("external", "pixels", "fused")


def check_config(config: Config, schema: Config) -> Config:
    """The config with the schema's defaults filled in, and in each dataset the sections that it may override.

    Raises InputError with the most telling of its faults.
    """
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
    """Give each dataset, in place, all of the sections that it may override, with what it overrides."""
    datasets = config.get("datasets")
    for dataset in datasets.values() if isinstance(datasets, dict) else ():
        if isinstance(dataset, dict):  # what is not one is for the schema to refuse
            dataset |= {section: merge(config.get(section), dataset.get(section, {})) for section in OVERRIDABLE}


def merge(base: Any, over: Any) -> Any:
    """`base` with the leaves of `over`; whatever is not a mapping is a leaf."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return base | {key: merge(base.get(key), value) for key, value in over.items()}


def explain(fault: ValidationError) -> str:
    """One paragraph: where in the config, what is wrong, what would be right."""
    where = ".".join(str(part) for part in fault.absolute_path) or "the top level"
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        unknown = next(key for key in fault.instance if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.0)
        return (
            f"The config has an unknown key `{unknown}` at {where}. Did you mean `{near[0]}`? "
            f"Known there: {', '.join(known)}."
        )
    if fault.validator == "type" and is_number(fault.instance):
        return (
            f"The config's `{where}` is the text {fault.instance!r}, not a number: YAML reads an exponent "
            f"only with a point and a digit after it. Write {yaml_number(fault.instance)}."
        )
    if fault.validator == "oneOf":
        return (
            f"The config's `{where}` has both or neither of `root` (a folder of videos) and `render`. Give one of them."
        )
    meaning = fault.schema.get("description", "") if isinstance(fault.schema, dict) else ""
    return f"The config's `{where}` is wrong: {shorten(fault.message)}. {meaning}".rstrip()


def shorten(message: str, most: int = 300) -> str:
    """The message, cut where it would print a list of many classes."""
    return message if len(message) <= most else f"{message[: most - 100]} … {message[-100:]}"


def is_number(value: object) -> bool:
    """Whether a text could have been meant as a number."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def yaml_number(text: str) -> str:
    """The number in a form that YAML 1.1 reads as one: 1.0e-5 for 1e-5."""
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
    """What a schema cannot say: names that refer to each other, and betas that are the same number."""
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
    """Comparisons, datasets and CNNs that a table or a figure names and the config does not define."""
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
    """Results that ask a CNN of this run for features that are there already, or an external one for others."""
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
    """CNNs with a size or weights that their backbone cannot have, or without those that it needs."""
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
    """Fused CNNs of others that are not there, are fused themselves, or have another number of crops."""
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
    """Comparison systems on CNNs that do not give what they look at."""
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
    """What a CNN is shown, if it gives pixels."""
    chosen = config["cnns"][cnn]
    return chosen["modality"] if chosen["backbone"] == "pixels" else None


def unfit_table1(config: Config) -> Iterator[str]:
    """A Table 1 of something else than pixels."""
    cnn = config["table1"]["cnn"]
    if config["cnns"][cnn]["backbone"] != "pixels":
        yield (
            f"The config's `table1` is of raw pixels, but its CNN {cnn!r} has another backbone. Name one with "
            "`backbone: pixels`; features of CNNs are compared by `table2`."
        )


def cnns_of(config: Config, result: str) -> list[str]:
    """The CNNs that a table or a figure needs: its own, a second one, those of its comparisons."""
    wanted = config[result]
    compared = [config["comparisons"][method]["cnn"] for method in wanted.get("comparisons", ())]
    return list(dict.fromkeys([wanted["cnn"], *filter(None, [wanted.get("second_cnn")]), *compared]))


def datasets_with_flow(config: Config) -> set[str]:
    """The datasets of which some result needs the flow."""
    return {
        name
        for result in RESULTS
        for name, cnn in product(config[result]["datasets"], cnns_of(config, result))
        if any(config["cnns"][part]["modality"] == "flow" for part in [cnn, *config["cnns"][cnn]["fuse"]])
    }


def is_imported(config: Config, dataset: str) -> bool:
    """Whether a dataset is features that are there already."""
    return config["datasets"][dataset]["kind"] == "features"


def is_external(config: Config, cnn: str) -> bool:
    """Whether a CNN is only the name of features that were made elsewhere."""
    return config["cnns"][cnn]["backbone"] == "external"


def is_fused(config: Config, cnn: str) -> bool:
    """Whether a CNN is others side by side."""
    return config["cnns"][cnn]["backbone"] == "fused"


def repeated_betas(config: Config) -> Iterator[str]:
    """Betas that stand twice in a sweep, however they are written."""
    own = {f"datasets.{name}.vib.betas": dataset["vib"]["betas"] for name, dataset in config["datasets"].items()}
    lists = {"vib.betas": config["vib"]["betas"], "iss.strengths": config["iss"]["strengths"], **own}
    for where, betas in lists.items():
        for position, beta in enumerate(betas):
            if beta in betas[:position]:
                yield f"The config's `{where}` holds {beta:g} twice. Take one of them out."
