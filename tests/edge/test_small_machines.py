"""What other people's machines do to a bundle: runtimes that die or hang, cores, disks, locales, damaged arrays."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests.conftest import REPOSITORY
from tests.edge.models import make_bundle, make_classifier
from tests.edge.programs import load, write_program
from tests.videos.clips import write_clip
from vibhar.edge.bundle import DEVICE
from vibhar.edge.runtimes import EXACT, INT8, MISSING

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
workers = load("workers")
CC = """
/usr/bin/env cc "$@" || exit
while [ "$1" != -o ] && [ $# -gt 0 ]; do shift; done
case $2 in {pattern}) chmod a-x "$2";; esac
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "vib", make_classifier(20, 9))


def call(bundle: Path, program: str, *arguments: object, **options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(bundle / program), *map(str, arguments)]
    return subprocess.run(command, env=os.environ | options, capture_output=True, text=True, check=False)


def events(done: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    """What was said of each runtime."""
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {event["runtime"]: event for event in said if event["event"] in ("agreement", "missing")}


def replace_module(tmp_path: Path, name: str, text: str) -> str:
    """A folder for PYTHONPATH in which the module `name` does `text` as it is imported."""
    (tmp_path / "modules").mkdir(exist_ok=True)
    (tmp_path / "modules" / f"{name}.py").write_text(text)
    return str(tmp_path / "modules")


DIE = "import os; os.kill(os.getpid(), {})"
DEATHS = [
    (DIE.format("4"), "died of SIGILL"),
    (DIE.format("11"), "died of SIGSEGV"),
    (DIE.format("7"), "died of SIGBUS"),
    (DIE.format("40"), "died of signal 40"),
    ("import time; time.sleep(3600)", "did not answer within 10 s"),
    ("raise ImportError('/lib/libm.so.6: version GLIBC_2.29 not found')", "GLIBC_2.29 not found"),
    ("raise AttributeError('_ARRAY_API not found')", "_ARRAY_API not found"),
    ("print('a library that says hello'); raise ImportError('no more')", "no more"),
]


@pytest.mark.parametrize(("text", "reason"), DEATHS)
@pytest.mark.parametrize("module", ["onnxruntime", "torch"])
def test_a_runtime_that_dies_is_missing_and_the_others_go_on(
    bundle: Path, tmp_path: Path, module: str, text: str, reason: str
) -> None:
    modules = replace_module(tmp_path, module, text)
    runtimes = [module, "c", "numpy"]
    done = call(bundle, "bench.py", "--check", "--patience", "10", "--runtimes", *runtimes, PYTHONPATH=modules)
    assert done.returncode == 0, done.stderr
    said = events(done)
    assert said[module]["event"] == "missing" and reason in said[module]["reason"]
    assert all(said[name]["event"] == "agreement" for name in ("c", "numpy"))


def test_a_measurement_goes_on_without_a_runtime_that_dies(bundle: Path, tmp_path: Path) -> None:
    modules = replace_module(tmp_path, "onnxruntime", DIE.format(4))
    short = ["--queries", "16", "--seconds", "0", "--batches", "1"]
    done = call(bundle, "bench.py", "--runtimes", "onnxruntime", "numpy", *short, PYTHONPATH=modules)
    assert done.returncode == 0, done.stderr
    assert {line["runtime"] for line in map(json.loads, done.stdout.splitlines()) if line["event"] == "samples"} == {
        "numpy"
    }


def test_a_bundle_that_fails_is_no_missing_runtime(bundle: Path) -> None:
    (bundle / "weights.npz").write_bytes(b"damaged")
    done = call(bundle, "bench.py", "--check", "--runtimes", "numpy", "onnxruntime")
    assert done.returncode == 1 and "fails" in done.stderr
    assert events(done)["onnxruntime"]["agrees"]


def test_predict_says_how_a_runtime_died(bundle: Path, tmp_path: Path) -> None:
    modules = replace_module(tmp_path, "onnxruntime", DIE.format(4))
    np.save(tmp_path / "clip.npy", np.zeros((8, 64), np.float32))
    done = call(bundle, "predict.py", tmp_path / "clip.npy", "--runtime", "onnxruntime", PYTHONPATH=modules)
    assert done.returncode == 1 and "predict.py died of SIGILL" in done.stderr and "onnxruntime==" in done.stderr
    assert call(bundle, "predict.py", tmp_path / "clip.npy", PYTHONPATH=modules).stdout.startswith("class ")


def test_the_pipeline_says_which_part_died_and_which_ffmpeg_decoded(tmp_path: Path) -> None:
    facts = {"resize": 8, "crop": 8, "mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear"}
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9), cnn=facts)
    modules = replace_module(tmp_path, "onnxruntime", DIE.format(4))
    arguments = ["--video", write_clip(tmp_path / "clip.avi"), "--bundles", bundle, "--ffmpeg", FFMPEG]
    done = call(bundle, "pipeline.py", *arguments, PYTHONPATH=modules)
    assert done.returncode == 1 and "the part cnn" in done.stderr and "died of SIGILL" in done.stderr
    assert FFMPEG in json.loads(done.stdout)["ffmpeg"]


def test_a_machine_without_numpy_or_with_a_broken_one_is_told(bundle: Path, tmp_path: Path) -> None:
    modules = replace_module(tmp_path, "numpy", "raise ImportError('numpy.core.multiarray failed to import')")
    done = call(bundle, "bench.py", "--check", PYTHONPATH=modules)
    assert "Traceback" not in done.stderr and "apt install python3-numpy" in done.stderr
    assert all("numpy cannot be imported" in event["reason"] for event in events(done).values())
    assert "apt install python3-numpy" in call(bundle, "predict.py", "clip.npy", PYTHONPATH=modules).stderr
    replace_module(tmp_path, "numpy", DIE.format(4))
    assert "predict.py died of SIGILL" in call(bundle, "predict.py", "clip.npy", PYTHONPATH=modules).stderr


def test_the_advice_names_the_pinned_version(bundle: Path, tmp_path: Path) -> None:
    pinned = re.search(r'"onnxruntime==([\d.]+)"', (REPOSITORY / "pyproject.toml").read_text())
    modules = replace_module(tmp_path, "onnxruntime", "raise ImportError('there is none')")
    done = call(bundle, "bench.py", "--check", "--runtimes", "onnxruntime", PYTHONPATH=modules)
    assert pinned and events(done)["onnxruntime"]["reason"].endswith(f"pip install onnxruntime=={pinned[1]}")


def test_an_onnxruntime_that_cannot_read_the_model_is_missing(bundle: Path, tmp_path: Path) -> None:
    modules = replace_module(tmp_path, "onnxruntime", "__version__ = '1.4.0'")  # without what a session needs
    done = call(bundle, "bench.py", "--check", "--runtimes", "onnxruntime", "numpy", PYTHONPATH=modules)
    assert done.returncode == 0, done.stderr
    reason = events(done)["onnxruntime"]["reason"]
    assert "onnxruntime 1.4.0 cannot open model.onnx" in reason and "pip install onnxruntime==" in reason


@pytest.mark.parametrize("core", [None, "last", "other"])
def test_the_first_core_that_is_allowed(bundle: Path, core: str | None) -> None:
    before = os.sched_getaffinity(0)
    last = max(before)
    arguments = {None: [], "last": ["--core", last], "other": ["--core", last + 1]}[core]
    try:
        os.sched_setaffinity(0, {last})
        done = call(bundle, "bench.py", "--check", "--runtimes", "numpy", *arguments)
    finally:
        os.sched_setaffinity(0, before)
    if core == "other":
        assert done.returncode == 1 and f"core {last + 1} cannot be had" in done.stderr
        assert f"may run on {last}" in done.stderr
    else:
        assert json.loads(done.stdout.splitlines()[0])["core"] == last


@pytest.mark.parametrize("pattern", ["*/first/*", "*"], ids=["there alone", "everywhere"])
def test_a_disk_that_runs_no_programs(bundle: Path, tmp_path: Path, pattern: str) -> None:
    compiler = write_program(tmp_path / "compiler", CC.format(pattern=pattern))
    (tmp_path / "first").mkdir()
    done = call(bundle, "bench.py", "--check", "--runtimes", "c", "numpy", CC=str(compiler), TMPDIR=f"{tmp_path}/first")
    assert done.returncode == 0, done.stderr
    said = events(done)
    assert said["numpy"]["agrees"]
    if pattern == "*":
        assert said["c"]["event"] == "missing" and "noexec" in said["c"]["reason"] and "TMPDIR" in said["c"]["reason"]
    else:
        assert said["c"]["agrees"]
    assert not list((tmp_path / "first").iterdir())


def test_temporary_folders_that_are_none(bundle: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "none", bundle / "bundle.json"):
        done = call(bundle, "bench.py", "--check", "--runtimes", "c", TMPDIR=str(place))
        assert events(done)["c"]["agrees"], done.stderr


COMPILERS = [
    ("exit 1", "compiler failed"),
    ("printf '\\342\\200\\230%s\\377' error >&2; exit 1", "compiler failed"),
    (
        'cp "$(command -v false)" recurrent-false; while [ "$1" != -o ]; do shift; done; cp "$(command -v false)" "$2"',
        "",
    ),
]


@pytest.mark.parametrize(("text", "reason"), COMPILERS)
def test_a_compiler_that_makes_nothing_of_use(bundle: Path, tmp_path: Path, text: str, reason: str) -> None:
    compiler = write_program(tmp_path / "compiler", f'[ "$1" = --version ] && exit; {text}')
    done = call(bundle, "bench.py", "--check", "--runtimes", "c", "numpy", CC=str(compiler), LC_ALL="C")
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert events(done)["c"]["event"] == "missing" and reason in events(done)["c"]["reason"]


def test_a_folder_that_cannot_be_written_to(bundle: Path) -> None:
    for path in (*bundle.iterdir(), bundle):
        path.chmod(path.stat().st_mode & 0o555)
    done = call(bundle, "bench.py", "--check")
    bundle.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert not (bundle / "recurrent").exists()


LOCALES = [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}]


@pytest.mark.parametrize("label", ["走る", "Öffnen", "مشي", "a 'b' \"c\" $d"])
@pytest.mark.parametrize(
    "settings", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}]
)
def test_labels_of_any_language(tmp_path: Path, label: str, settings: dict[str, str]) -> None:
    bundle = make_bundle(tmp_path / "vib", make_classifier(20, 9), classes=[label] * 5)
    np.save(tmp_path / "clip.npy", np.zeros((8, 64), np.float32))
    command = [sys.executable, str(bundle / "predict.py"), str(tmp_path / "clip.npy")]
    environment = os.environ | settings | {"PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert done.stdout.decode().split("\t")[0] == label


@pytest.mark.parametrize("name", [b"a b.npy", b"./-i.npy", b"\xff\xfe.npy", b"%s.NPY", "動画.npy".encode()])
def test_file_names_are_only_names(bundle: Path, tmp_path: Path, name: bytes) -> None:
    with (tmp_path / os.fsdecode(name)).open("wb") as stream:
        np.save(stream, np.zeros((8, 64), np.float32))
    done = subprocess.run(
        [sys.executable, str(bundle / "predict.py"), name], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"class ")


ARRAYS = {
    "one NaN": (np.where(np.arange(8) == 3, np.nan, np.ones((64, 8))).T, "not finite"),
    "infinities": (np.full((8, 64), np.inf, np.float32), "not finite"),
    "too large for float32": (np.full((8, 64), 1e300), "not finite"),
    "complex": (np.zeros((8, 64), np.complex64), "must hold floats"),
    "a scalar": (np.array(1.0), "must hold floats"),
    "the other way round": (np.zeros((64, 8), np.float32), "must hold floats"),
    "text": (np.array([["a"] * 64]), "must hold floats"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_cannot_be_classified(bundle: Path, tmp_path: Path, name: str) -> None:
    array, message = ARRAYS[name]
    np.save(tmp_path / "clip.npy", array)
    done = call(bundle, "predict.py", tmp_path / "clip.npy")
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY\x01\x00", b"text"])
def test_files_that_are_no_arrays(bundle: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "clip.npy").write_bytes(data)
    done = call(bundle, "predict.py", tmp_path / "clip.npy")
    assert done.returncode == 1 and "not a readable .npy" in done.stderr and "Traceback" not in done.stderr


def test_several_arrays_are_told(bundle: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "clip.npz", features=np.zeros((8, 64)))
    (tmp_path / "clip.npz").rename(tmp_path / "clip.npy")
    assert "several arrays" in call(bundle, "predict.py", tmp_path / "clip.npy").stderr


@pytest.mark.parametrize("kind", ["fortran", ">f4", "f2", "f8", "g"])
def test_layouts_and_widths_of_numbers_change_nothing(bundle: Path, tmp_path: Path, kind: str) -> None:
    features = np.random.default_rng(0).integers(-4, 5, (8, 64)).astype(np.float32)
    np.save(tmp_path / "plain.npy", features)
    np.save(tmp_path / "other.npy", np.asfortranarray(features) if kind == "fortran" else features.astype(kind))
    plain, other = (call(bundle, "predict.py", tmp_path / f"{name}.npy").stdout for name in ("plain", "other"))
    assert plain == other != ""


@pytest.mark.parametrize("path", sorted(DEVICE.glob("*.py")), ids=lambda path: path.name)
def test_the_programs_are_of_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))


def test_names_and_statuses_are_the_same_on_both_sides() -> None:
    assert {*EXACT, INT8} == set(workers.RUNTIMES) == set(load("runtimes").RUNTIMES)
    assert MISSING == workers.MISSING


def test_endings_have_their_names() -> None:
    assert workers.describe_ending(-signal.SIGKILL).startswith("died of SIGKILL")
    assert workers.describe_ending(1) == "ended with exit status 1"
