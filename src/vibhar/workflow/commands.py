"""Write the command line of a stage from the signature of its function."""

import ast
import shlex
from collections.abc import Mapping
from functools import cache

from vibhar.workflow.provenance import source_file


@cache
def parameters_of(module: str) -> tuple[str, ...]:
    """The names of the parameters of a stage: of the function that its module hands to `run`.

    The file is parsed, not imported: some stages import torch, which takes seconds. Raises FileNotFoundError where
    there is no such module, and StopIteration where it runs no function.
    """
    path = source_file(module)
    if path is None:
        raise FileNotFoundError(f"There is no stage {module}.")
    tree = ast.parse(path.read_text("utf-8"))
    name = next(called for call in ast.walk(tree) if (called := run_by(call)))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    return tuple(argument.arg for argument in function.args.kwonlyargs)


def run_by(node: ast.AST) -> str:
    """The name in `run(name)`; empty for any other expression."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "run":
        return node.args[0].id if isinstance(node.args[0], ast.Name) else ""
    return ""


def command_line(module: str, given: Mapping[str, object]) -> str:
    """`python -m module --parameter value ...` for all parameters of the stage, in the order of its signature.

    A list gives several words, an empty one none. Raises KeyError where a parameter is not among the `given`.
    """
    words = ["python", "-m", module]
    for name in parameters_of(module):
        value = given[name]
        values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
        words += [f"--{name.replace('_', '-')}", *(str(word) for word in values)]
    return shlex.join(words)
