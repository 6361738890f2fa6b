"""Checks that a schema cannot make: names that refer to each other, and values that must fit together."""

from collections.abc import Iterator
from itertools import chain, product

from vibhar.errors import InputError
from vibhar.workflow.config_queries import RESULTS, Config, cnns_of, is_external, is_imported

WEIGHTLESS = ("external", "pixels", "fused")


def check_names(config: Config) -> None:
    """Raise InputError for faults that a schema cannot describe, such as undefined names and repeated betas."""
    for fault in chain(
        unknown_references(config),
        mismatched_features(config),
        mismatched_cnns(config),
        unfit_fusions(config),
        unfit_comparisons(config),
        unfit_table1(config),
        unfit_flow(config),
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


def unfit_flow(config: Config) -> Iterator[str]:
    """Yield a message where the flow's backend has no illumination term, and the config weights one."""
    flow = config["flow"]
    if flow["parameters"]["gamma"] and flow["backend"] in ("numba", "torch"):
        yield (
            f"The config's `flow.parameters.gamma` is {flow['parameters']['gamma']:g}, but the flow's backend "
            f"{flow['backend']} has no illumination term. Set `flow.backend` to opencv, or gamma to 0."
        )


def repeated_betas(config: Config) -> Iterator[str]:
    """Yield a message for each beta or strength that is twice in a sweep, however it is written."""
    own = {f"datasets.{name}.vib.betas": dataset["vib"]["betas"] for name, dataset in config["datasets"].items()}
    lists = {"vib.betas": config["vib"]["betas"], "iss.strengths": config["iss"]["strengths"], **own}
    for where, betas in lists.items():
        for position, beta in enumerate(betas):
            if beta in betas[:position]:
                yield f"The config's `{where}` holds {beta:g} twice. Take one of them out."
