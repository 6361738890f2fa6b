"""Stage: write the provenance of a result: machine, versions, and all stages with settings and code."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from vibhar.files.writing import write_json
from vibhar.stages.command import run
from vibhar.workflow.provenance import describe_machine
from vibhar.workflow.records import Record, hash_path, trace


def describe_result(*, result: Path, provenance: Path) -> None:
    """Write the provenance of the file `result`, from the records of everything that it was made from."""
    records = list(trace(result).values())
    write_json(
        {
            "file": result.name,
            "sha256": hash_path(result),
            "machine": describe_machine(),
            "clips": files_named(records, "clips.parquet"),
            "weights": files_named(records, "trunk.safetensors"),
            "stages": [describe_stage(stage, records) for stage in sorted({record.stage for record in records})],
        },
        provenance,
    )


def files_named(records: Collection[Record], name: str) -> dict[str, str]:
    """Return the hash of each output called `name` in the records."""
    made = {path: digest for record in records for path, digest in record.outputs.items()}
    return {path: digest for path, digest in sorted(made.items()) if Path(path).name == name}


def describe_stage(stage: str, records: Collection[Record]) -> dict[str, Any]:
    """Summarise the jobs of a stage: code, number, total seconds, random seeds, settings."""
    mine = [record for record in records if record.stage == stage]
    settings = {record.command[at + 1] for record in mine for at in positions(record.command, "--settings")}
    seeds = {int(record.command[at + 1]) for record in mine for at in positions(record.command, "--seed")}
    return {
        "stage": stage.rpartition(".")[2],
        "code": sorted({record.code for record in mine}),
        "jobs": len(mine),
        "seconds": round(sum(record.seconds for record in mine), 1),
        "seeds": sorted(seeds),
        "settings": [json.loads(text) for text in sorted(settings)],
    }


def positions(command: list[str], word: str) -> list[int]:
    """Return the position of the first `word` in a command, as a list; empty if it is not there."""
    return [command.index(word)] if word in command else []


if __name__ == "__main__":
    run(describe_result)
