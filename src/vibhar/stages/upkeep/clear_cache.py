"""Stage: empty the cache of flow and features; finished results stay valid."""

from pathlib import Path

from vibhar.stages.command import run
from vibhar.workflow.cache import trim


def clear_cache(*, results: Path) -> None:
    """Remove the flow and features of all shards below `results`; the stores that trainings read stay."""
    removed = trim(results, limit=-1)
    print(f"{len(removed)} entries of the cache removed, {sum(entry.bytes for entry in removed) / 1e9:.3f} GB.")


if __name__ == "__main__":
    run(clear_cache)
