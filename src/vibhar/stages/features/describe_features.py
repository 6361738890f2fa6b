"""Stage: describe imported features (made by no CNN of this run) for the tables."""

from pathlib import Path

from vibhar.files.writing import write_json
from vibhar.stages.command import Settings, run


def describe_features(*, description: Path, settings: Settings) -> None:
    """Write the description of an external trunk, whose parameters count as 0. `settings`: label."""
    write_json({"backbone": "external", "label": settings["label"], "parameters": 0}, description)


if __name__ == "__main__":
    run(describe_features)
