"""The stages of the workflow: one module each, with one function that reads, computes and writes files.

A rule calls `python -m vibhar.stages.<group>.<stage> --<argument> ...`. `--settings` is JSON with all parts of the
config that the stage reads. The groups have the names of the rule files.
"""

from vibhar.stages.client import hand_over

hand_over()
