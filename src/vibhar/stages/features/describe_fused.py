"""Stage: describe several fused CNNs for the tables."""

import json
from pathlib import Path

from vibhar.files.writing import write_json
from vibhar.stages.command import run


def describe_fused(*, descriptions: list[Path], description: Path) -> None:
    """Join the descriptions of the CNNs; their parameters are added up."""
    trunks = [json.loads(path.read_text("utf-8")) for path in descriptions]
    joined = {key: " + ".join(trunk[key] for trunk in trunks) for key in ("backbone", "label")}
    write_json(joined | {"parameters": sum(trunk["parameters"] for trunk in trunks)}, description)


if __name__ == "__main__":
    run(describe_fused)
