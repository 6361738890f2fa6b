"""The stages of the workflow: one module each, whose one function reads files, calls the rooms and writes files.

A rule calls `python -m vibhar.stages.<group>.<stage> --<argument> ...`. `--settings` is JSON and holds all of the
config that the stage reads. The groups have the names of the rule files.
"""
