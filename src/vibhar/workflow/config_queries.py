"""What a checked config asks for: the datasets and CNNs of its results, and what kinds they are."""

from itertools import product
from typing import Any

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
# those that name datasets and a CNN


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
