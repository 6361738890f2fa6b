"""A process for each bundle in each runtime, so that one that crashes, or never answers, is a missing one.

This needs Python alone: numpy itself may be what crashes.
"""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("bench.py")
RUNTIMES = ("onnxruntime", "onnxruntime-int8", "numpy", "c", "torch")
START_SECONDS = 300  # to import a runtime from a slow card, and to answer for the first time


class DeadWorker(Exception):
    """A process has ended or does not answer; the text says how."""


class Worker:
    """A process that runs one bundle in one runtime and answers questions, a line of JSON each."""

    def __init__(self, folder, runtime, seconds=START_SECONDS):
        self.folder, self.seconds = folder, seconds
        command = [sys.executable, str(PROGRAM), "--worker", str(folder), runtime]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, seconds=None, **question):
        """The answer. Raises DeadWorker where the process has ended, or says nothing for `seconds`."""
        try:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # how it has ended is told below
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            self.process.kill()
            self.process.wait()
            raise DeadWorker(f"did not answer within {seconds:g} s")
        answer = self.process.stdout.readline()
        if not answer:
            raise DeadWorker(describe_ending(self.process.wait()))
        return json.loads(answer)

    def start(self, action):
        """The answer to the first question, or the reason why there is none."""
        try:
            return self.ask(self.seconds, action=action)
        except DeadWorker as error:
            return {"reason": str(error)}

    def close(self):
        """End the process."""
        self.process.communicate()


def serve(answer):
    """Answer the questions on standard input; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def describe_ending(status):
    """How a process ended, from its exit status, which is negative where a signal ended it."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        name = f"signal {-status}"
    hints = {"SIGILL": ": it was built for another processor", "SIGKILL": ": is there memory enough?"}
    return f"died of {name}{hints.get(name, '')}"


def supervise(program, main):
    """Run `main` in a process of its own, and say how it died where a signal ends it: a library may do that."""
    if os.environ.pop("SUPERVISED", None):
        return main()
    status = subprocess.run([sys.executable, *sys.argv], env={**os.environ, "SUPERVISED": "1"}).returncode
    if status < 0:
        sys.exit(f"{program} {describe_ending(status)}")
    return sys.exit(status)
