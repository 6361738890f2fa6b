"""What the tables say of CNNs whose features are fused."""

import json
from pathlib import Path

from vibhar.files.writing import write_json
from vibhar.stages.command import run


def describe_fused(*, descriptions: list[Path], description: Path) -> None:
    """Join what is said of each: the parameters are those of all trunks together."""
    trunks = [json.loads(path.read_text()) for path in descriptions]
    joined = {key: " + ".join(trunk[key] for trunk in trunks) for key in ("backbone", "label")}
    write_json(joined | {"parameters": sum(trunk["parameters"] for trunk in trunks)}, description)


if __name__ == "__main__":
    run(describe_fused)
