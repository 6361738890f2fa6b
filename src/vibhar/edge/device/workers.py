"""Processes of their own for what may crash or never answer: a library that was built for another processor, say.

This needs Python alone: numpy itself may be what crashes.
"""

import json
import select
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("work.py")
RUNTIMES = ("onnxruntime", "onnxruntime-int8", "numpy", "c", "torch")
SUPERVISED = "--supervised"
MISSING = 3  # the exit status where a runtime is not here
HINTS = {"SIGILL": "it was built for another processor", "SIGKILL": "is there memory enough?"}


class Worker:
    """A process that runs one bundle in one runtime and answers questions, a line of JSON each."""

    def __init__(self, folder, runtime):
        self.runtime = runtime
        command = [*python(), str(PROGRAM), str(folder), runtime]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, patience=None, **question):
        """The answer. It is the reason where the process has died, or says nothing for `patience` seconds.

        Such a reason comes with a `fault` where an error ended the process, and not a signal or our patience.
        """
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps({"runtime": self.runtime, **question}).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # how it has ended is told below
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.process.kill()
            return {"reason": f"{self.runtime} did not answer within {patience:g} s"}
        answer = self.process.stdout.readline()
        if answer:
            return json.loads(answer)
        status = self.process.wait()
        if status == MISSING:
            return {"reason": "numpy cannot be imported here; see above"}
        reason = {"reason": f"{self.runtime} {describe_ending(status)}"}
        return reason if status < 0 else {**reason, "fault": True}

    def close(self):
        """End the process."""
        try:
            self.process.communicate()
        except BrokenPipeError:
            self.process.wait()


def describe_ending(status):
    """How a process ended, from its exit status, which is negative where a signal ended it."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        return f"died of signal {-status}"
    return f"died of {name}" + (f": {HINTS[name]}" if name in HINTS else "")


def python():
    """The command of this Python, with what it was told about where modules lie."""
    flags = {"-S": sys.flags.no_site, "-s": sys.flags.no_user_site, "-E": sys.flags.ignore_environment}
    return [sys.executable, *(flag for flag, given in flags.items() if given)]


def supervise():
    """Go on in a process of its own, and say how that died where a signal ends it; returns there alone."""
    if SUPERVISED in sys.argv:
        return sys.argv.remove(SUPERVISED)
    program, *arguments = sys.argv
    status = subprocess.run([*python(), program, SUPERVISED, *arguments]).returncode
    return sys.exit(f"{Path(program).name} {describe_ending(status)}" if status < 0 else status)
