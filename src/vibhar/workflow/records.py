"""Record for every result file which stage made it, with its arguments, inputs, code and hashes.

The record of results/a/b.csv is results/.records/a/b.csv.json. It does not depend on Snakemake's own metadata.
`snakemake verify` compares it with the files, the code and the config.
"""

import hashlib
import json
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from vibhar.files.writing import write_json
from vibhar.workflow.cache import is_cached
from vibhar.workflow.provenance import code_hash

RESULTS = Path("results")
RECORDS = RESULTS / ".records"


class Record(NamedTuple):
    """One call of a stage. `command`: its arguments. `inputs`, `outputs`: the hash of each file or folder."""

    stage: str
    command: list[str]
    code: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    seconds: float
    time: float


def record_work(stage: str, command: list[str], begun: float) -> None:
    """Write a record for each file below results that the stage, called with `command` at time `begun`, made."""
    paths = [Path(word) for word in command if is_result(word)]
    made = {path for path in paths if path.stat().st_mtime >= begun - 0.01}  # a file system's time stamps may be coarse
    outputs = {str(path): hash_path(path) for path in paths if path in made}
    inputs = {str(path): known_hash(path) for path in paths if path not in made}
    record = Record(stage, comparable(command), code_hash(stage), inputs, outputs, time.time() - begun, time.time())
    for path in made:
        note = record._asdict() | {"status": status(path)}
        write_json(note, record_file(path))


def is_result(word: str) -> bool:
    """Return whether an argument is an existing file or folder below `results`."""
    try:
        return word.startswith(f"{RESULTS}/") and Path(word).exists()
    except OSError:  # JSON is not a valid file name
        return False


def comparable(command: list[str]) -> list[str]:
    """Return the arguments without the number of threads, which does not change results."""
    at = command.index("--threads") if "--threads" in command else len(command)
    return command[:at] + command[at + 2 :]


def record_file(path: Path) -> Path:
    """Return the path of a file's record."""
    return RECORDS / path.relative_to(RESULTS).with_name(f"{path.name}.json")


def read_record(path: Path) -> tuple[Record, list[int]] | None:
    """Return a file's record and the status that the file had; None if there is no readable record."""
    try:
        note = json.loads(record_file(path).read_text("utf-8"))
        return Record(**{name: note[name] for name in Record._fields}), note["status"]
    except (OSError, ValueError, KeyError):
        return None


def status(path: Path) -> list[int]:
    """Return size (bytes) and modification time (ns): a file with the same ones counts as unchanged."""
    return [path.stat().st_size, path.stat().st_mtime_ns]


def known_hash(path: Path) -> str:
    """Return the hash of a file: the recorded one if the file is unchanged, else computed anew."""
    found = read_record(path)
    if found and found[1] == status(path) and str(path) in found[0].outputs:
        return found[0].outputs[str(path)]
    return hash_path(path)


def hash_path(path: Path) -> str:
    """Return the SHA-256 of a file; for a folder, of the names and hashes of all its files that are not hidden."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    names = [f"{file.relative_to(path)} {hash_path(file)}" for file in sorted(visible_files(path))]
    return hashlib.sha256("\n".join(names).encode(errors="surrogateescape")).hexdigest()


def visible_files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, except hidden files and those in hidden folders."""
    for path in folder.iterdir():
        if not path.name.startswith("."):
            if path.is_dir():
                yield from visible_files(path)
            else:
                yield path


def find_mismatches(commands: Collection[tuple[str, ...]]) -> Iterator[tuple[Path, str]]:
    """Yield each file below results that is not as the current config and code make it, with the reason.

    `commands` are those of the current config: each a stage and its arguments. Cache entries may be from other configs.
    """
    folders = {path for path in recorded_paths() if path.is_dir()}
    loose = (path for path in visible_files(RESULTS) if not folders & {*path.parents})
    for path in sorted({*loose, *folders}):
        found = read_record(path)
        if found is None:
            if not is_cached(path):
                yield path, "there is no record of how it was made"
        elif problem := mismatch(path, found[0], commands):
            yield path, problem


def recorded_paths() -> Iterator[Path]:
    """Yield the existing files and folders that have a record."""
    for note in RECORDS.rglob("*.json"):
        path = RESULTS / note.relative_to(RECORDS).with_suffix("")
        if path.exists():
            yield path


def mismatch(path: Path, record: Record, commands: Collection[tuple[str, ...]]) -> str:
    """Return why a file does not match its record, the config or the code; empty if it matches."""
    if hash_path(path) != record.outputs.get(str(path)):
        return "it was changed after it was made"
    if is_cached(path):
        return ""
    if (record.stage, *record.command) not in commands:
        return "the current config does not make it, or makes it with other settings"
    if code_hash(record.stage) != record.code:
        return "it was made by other code"
    for name, digest in record.inputs.items():
        if Path(name).exists() and known_hash(Path(name)) != digest:
            return f"it was made from another {name}"
    return ""


def trace(path: Path) -> dict[str, Record]:
    """Return the records of a file and of everything that it was made from, by the name of their first output."""
    found: dict[str, Record] = {}
    todo = [path]
    while todo:
        if (known := read_record(todo.pop())) and (name := min(known[0].outputs)) not in found:
            found[name] = known[0]
            todo += map(Path, known[0].inputs)
    return found
