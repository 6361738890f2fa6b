"""Run the recurrent part of a bundle in any runtime: from kept features to logits.

Needs Python and numpy; a runtime that is not installed raises MissingRuntime with the reason. The code does not depend
on the project that made the bundle. Dimensions: B clips, T frames, D kept features, H hidden units, C classes.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # which Python leaves out where PYTHONSAFEPATH is set

from workers import MISSING, describe_ending

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
OTHER_PLACES = ("/var/tmp", "/dev/shm", os.path.expanduser("~"))  # noqa: PTH111  to compile in, after TMPDIR or /tmp
os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy reads them: one core is what is measured

try:
    import numpy as np
except ImportError as problem:
    print(
        f"numpy cannot be imported here ({problem}): apt install python3-numpy, or pip install numpy", file=sys.stderr
    )
    sys.exit(MISSING)


class MissingRuntime(Exception):
    """A runtime is not installed on this machine; the text says what to install."""


class Bundle:
    """A bundle's folder: the facts in bundle.json, and the arrays in its files."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.facts = json.loads((self.folder / "bundle.json").read_text(encoding="utf-8"))

    def arrays(self, name):
        """Return the arrays of weights.npz or reference.npz, by their names."""
        with np.load(self.folder / f"{name}.npz") as file:
            return dict(file)


class Numpy:
    """Runs the equations of torch's LSTM and GRU in numpy."""

    def __init__(self, bundle):
        weights = bundle.arrays("weights")
        self.facts = bundle.facts
        self.to_gates = np.ascontiguousarray(weights["weight_ih"].T)
        self.back_to_gates = np.ascontiguousarray(weights["weight_hh"].T)
        self.head = np.ascontiguousarray(weights["head_weight"].T)
        self.biases = weights["bias_ih"], weights["bias_hh"], weights["head_bias"]
        self.version = np.__version__

    def classify(self, features):
        """Return logits [B, C] of features [B, T, D]."""
        bias_ih, bias_hh, head_bias = self.biases
        step = lstm_step if self.facts["cell"] == "lstm" else gru_step
        inputs = features @ self.to_gates + bias_ih
        hidden = cell = np.zeros((len(features), self.facts["hidden"]), np.float32)
        total = np.zeros_like(hidden)
        for t in range(features.shape[1]):
            hidden, cell = step(inputs[:, t], hidden @ self.back_to_gates + bias_hh, hidden, cell)
            total += hidden
        summary = hidden if self.facts["readout"] == "last" else total / features.shape[1]
        return summary @ self.head + head_bias


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), computed without overflow."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def lstm_step(inputs, recurrent, hidden, cell):
    """Return (hidden, cell) after one step of torch's LSTM; gates are in the order i, f, g, o."""
    i, f, g, o = np.split(inputs + recurrent, 4, axis=1)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def gru_step(inputs, recurrent, hidden, cell):
    """Return (hidden, cell) after one step of torch's GRU; gates are in the order r, z, n; cell is not used."""
    (r, z, n), (r_back, z_back, n_back) = np.split(inputs, 3, axis=1), np.split(recurrent, 3, axis=1)
    update = sigmoid(z + z_back)
    return (1 - update) * np.tanh(n + sigmoid(r + r_back) * n_back) + update * hidden, cell


class OnnxRuntime:
    """Runs model.onnx in onnxruntime."""

    file = "model.onnx"

    def __init__(self, bundle):
        if not (bundle.folder / self.file).exists():
            raise MissingRuntime(f"{bundle.folder} has no {self.file}: only the naive model is quantised")
        self.session = open_session(bundle.folder / self.file)
        self.version = __import__("onnxruntime").__version__

    def classify(self, features):
        """Return logits [B, C] of features [B, T, D]."""
        return self.session.run(None, {"features": features})[0]


class OnnxRuntimeInt8(OnnxRuntime):
    """Runs model.int8.onnx, whose weights are int8; activations are quantised at run time."""

    file = "model.int8.onnx"


def open_session(path):
    """An onnxruntime session on one thread; bundle.json beside the file names the version that was tried."""
    pinned = Bundle(path.parent).facts["onnxruntime"]
    advice = f"pip install onnxruntime=={pinned}"
    try:
        import onnxruntime
    except Exception as error:  # a library too many or too few: ImportError, and what comes of another numpy
        raise MissingRuntime(f"onnxruntime cannot be imported here ({describe(error)}): {advice}") from error
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        if onnxruntime.__version__ == pinned:
            raise
        known = f"onnxruntime {onnxruntime.__version__} cannot open {path.name}"
        raise MissingRuntime(f"{known} ({describe(error)}): {advice}") from error


class Torch:
    """Runs nn.LSTM or nn.GRU in eager mode, the paper's baseline; torch is optional on the device."""

    def __init__(self, bundle):
        try:
            import torch
        except Exception as error:
            raise MissingRuntime(f"torch cannot be imported here ({describe(error)}); nothing else needs it") from error
        torch.set_num_threads(1)
        weights = {name: torch.from_numpy(array) for name, array in bundle.arrays("weights").items()}
        kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[bundle.facts["cell"]]
        hidden, inputs = bundle.facts["hidden"], weights["weight_ih"].shape[1]
        self.torch, self.readout, self.version = torch, bundle.facts["readout"], torch.__version__
        self.recurrent = kind(inputs, hidden, batch_first=True).eval()
        self.head = torch.nn.Linear(hidden, len(bundle.facts["classes"])).eval()
        parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self.recurrent.load_state_dict({f"{part}_l0": weights[part] for part in parts})
        self.head.load_state_dict({"weight": weights["head_weight"], "bias": weights["head_bias"]})

    def classify(self, features):
        """Return logits [B, C] of features [B, T, D]."""
        with self.torch.inference_mode():
            hidden, _ = self.recurrent(self.torch.from_numpy(features))
            summary = hidden[:, -1] if self.readout == "last" else hidden.mean(dim=1)
            return self.head(summary).numpy()


def describe(error):
    """The first line of an error, with its kind."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


class C:
    """Runs recurrent.c, compiled on this machine; the C program measures the time itself."""

    def __init__(self, bundle, flags=("-march=native",)):
        compiler = shutil.which(os.environ.get("CC") or "cc")
        if compiler is None:
            raise MissingRuntime("there is no C compiler here: apt install gcc, or name one in the variable CC")
        self.classes, self.memory = len(bundle.facts["classes"]), None
        said = subprocess.run([compiler, "--version"], stdout=subprocess.PIPE).stdout.decode(errors="replace")
        self.version = (said.splitlines() or [compiler])[0]
        self.folder, self.program = compile_somewhere(compiler, bundle.folder, flags)

    def classify(self, features):
        """Return logits [B, C] of features [B, T, D]."""
        return self.query(features, 1, 0)[0]

    def time(self, features, queries, warmup):
        """Return the nanoseconds of each of `queries` queries of the same features."""
        return self.query(features, queries, warmup)[1]

    def query(self, features, queries, warmup):
        """Run the program; return the logits and the nanoseconds of each query, and store its peak memory in bytes."""
        sizes = [*features.shape[:2], queries, warmup]
        data = np.ascontiguousarray(features, np.float32).tobytes()
        try:
            answer = subprocess.run([str(self.program), *map(str, sizes)], input=data, stdout=subprocess.PIPE)
        except OSError as error:
            raise MissingRuntime(f"the compiled program cannot be started: {error}") from error
        if answer.returncode:
            raise MissingRuntime(f"the compiled program {describe_ending(answer.returncode)}")
        count = len(features) * self.classes
        logits = np.frombuffer(answer.stdout, np.float32, count).reshape(len(features), -1)
        samples = np.frombuffer(answer.stdout, np.int64, queries + 1, 4 * count)
        self.memory = int(samples[-1])
        return logits, samples[:-1].tolist()


def compile_somewhere(compiler, folder, flags):
    """A temporary folder and the program in it: where programs may be written and run, which /tmp may forbid."""
    reasons = []
    for place in (None, *OTHER_PLACES):
        try:
            made = tempfile.TemporaryDirectory(prefix="recurrent-", dir=place)
        except OSError as error:
            reasons.append(str(error))
            continue
        program = Path(made.name, "recurrent")
        compile_c(compiler, folder, program, flags)
        if os.access(program, os.X_OK):
            return made, program
        reasons.append(f"{made.name} lies on a disk that runs no programs (noexec)")
        made.cleanup()
    raise MissingRuntime(f"no folder to compile in: {'; '.join(reasons)}. Name one in the variable TMPDIR")


def compile_c(compiler, folder, program, flags):
    """Compile the bundle's source; `flags` select the processor. Raises MissingRuntime if that fails."""
    if platform.machine() == "aarch64" and "-march=native" in flags:
        flags = [flag.replace("-march", "-mcpu") for flag in flags]
    command = [compiler, "-std=gnu11", "-O3", *flags, "-o", str(program), "recurrent.c", "weights.S", "-lm"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise MissingRuntime(f"the C compiler failed: {done.stderr.decode(errors='replace').strip()[-500:]}")


RUNTIMES: dict = {
    "onnxruntime": OnnxRuntime,
    "onnxruntime-int8": OnnxRuntimeInt8,
    "numpy": Numpy,
    "c": C,
    "torch": Torch,
}


def time_queries(runtime, features, queries, warmup):
    """Return the nanoseconds of each of `queries` queries, run one after the other (MLPerf's single stream)."""
    if hasattr(runtime, "time"):
        return runtime.time(features, queries, warmup)
    for _ in range(warmup):
        runtime.classify(features)
    samples = []
    for _ in range(queries):
        start = time.perf_counter_ns()
        runtime.classify(features)
        samples.append(time.perf_counter_ns() - start)
    return samples


def peak_memory(runtime):
    """Return the peak resident memory of the computing process in bytes; for C that is a process of its own."""
    if getattr(runtime, "memory", None):
        return runtime.memory
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def main(folder, name, features, logits):
    """Write the logits of a .npy file of kept features [B, T, D]: `runtimes.py BUNDLE RUNTIME FEATURES LOGITS`."""
    try:
        runtime = RUNTIMES[name](Bundle(folder))
    except MissingRuntime as error:
        print(error, file=sys.stderr)
        sys.exit(MISSING)
    clips = np.load(features)
    np.save(logits, np.concatenate([runtime.classify(part) for part in np.array_split(clips, -(-len(clips) // 64))]))
    print(runtime.version)


if __name__ == "__main__":
    main(*sys.argv[1:])
