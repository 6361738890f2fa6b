"""Run in separate processes what may crash or hang, such as a library built for another processor.

This needs Python alone: numpy itself may be what crashes.
"""

import json
import os
import select
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

RUNTIMES = ("onnxruntime", "onnxruntime-int8", "numpy", "c", "torch")
MISSING = 3  # the exit status where a runtime is not here
HINTS = {"SIGILL": "a library was built for another processor", "SIGKILL": "is there memory enough?"}


class Worker:
    """A process that runs one bundle in one runtime and answers questions, a line of JSON each.

    It is forked from this one, which has imported nothing yet, so that an emulator need not start a second one.
    """

    def __init__(self, folder, runtime):
        self.folder, self.runtime, self.status = folder, runtime, None
        questions, answers = os.pipe(), os.pipe()
        self.process = os.fork()
        if not self.process:
            os.dup2(questions[0], 0)
            os.dup2(answers[1], 1)
            os.closerange(3, 1 << 12)  # the pipes of other workers would keep them from ending
            work(folder, runtime)
        os.close(questions[0])
        os.close(answers[1])
        self.questions, self.answers = os.fdopen(questions[1], "w"), os.fdopen(answers[0])

    def ask(self, patience=None, **question):
        """The answer. It is the reason where the process has died, or says nothing for `patience` seconds.

        Such a reason comes with a `fault` where an error ended the process, and not a signal or our patience.
        """
        with suppress(BrokenPipeError):  # how it has ended is told below
            print(json.dumps({"runtime": self.runtime, **question}), file=self.questions, flush=True)
        if not select.select([self.answers], [], [], patience)[0]:
            os.kill(self.process, signal.SIGKILL)
            return {"reason": f"{self.runtime} did not answer within {patience:g} s"}
        answer = self.answers.readline()
        if answer:
            return json.loads(answer)
        status = self.close()
        if status == MISSING:
            return {"reason": "numpy cannot be imported here; see above"}
        if status >= 0:
            return {"reason": f"{self.runtime} {describe_ending(status)}", "fault": True}
        return {"reason": f"{self.runtime} {describe_ending(status)}{tried_with(self.folder)}"}

    def close(self):
        """End the process; its exit status."""
        if self.status is None:
            with suppress(BrokenPipeError):  # of a question that nobody has read
                self.questions.close()
            self.status = wait(self.process)
            self.answers.close()
        return self.status


def work(folder, runtime):
    """Be the process of a worker, to its end."""
    status = 1
    try:
        from work import main

        main(folder, runtime)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def wait(process):
    """The exit status of a process of ours that ends, negative where a signal ends it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def describe_ending(status):
    """How a process ended, from its exit status, which is negative where a signal ended it."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:  # a real-time signal
        return f"died of signal {-status}"
    return f"died of {name}" + (f": {HINTS[name]}" if name in HINTS else "")


def tried_with(folder):
    """What the bundle was tried with: another release of onnxruntime may not start on a small processor."""
    facts = json.loads(Path(folder, "bundle.json").read_text(encoding="utf-8"))
    return f"; this bundle was tried with onnxruntime=={facts['onnxruntime']}"


def supervise():
    """Go on in a process of its own, and say how that died where a signal ends it; returns there alone."""
    process = os.fork()
    if process:
        status = wait(process)
        if status >= 0:
            sys.exit(status)
        program = Path(sys.argv[0])
        sys.exit(f"{program.name} {describe_ending(status)}{tried_with(program.parent)}")
