"""Messages for a config that YAML reads otherwise than was meant, or that the schema refuses."""

import difflib
from datetime import date

import yaml
from jsonschema.exceptions import ValidationError

from vibhar.errors import InputError


def explain(fault: ValidationError) -> str:
    """Return a paragraph that says where the config is wrong, why, and what to write instead."""
    where = ".".join(str(part) for part in fault.absolute_path) or "the top level"
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        unknown = next(key for key in fault.instance if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.0)
        return (
            f"The config has an unknown key `{unknown}` at {where}. Did you mean `{near[0]}`? "
            f"Known there: {', '.join(known)}."
        )
    if fault.validator == "type" and (advice := explain_type(fault.instance, fault.validator_value)):
        return f"The config's `{where}` is {advice}"
    if fault.validator == "oneOf":
        return (
            f"The config's `{where}` has both or neither of `root` (a folder of videos) and `render`. Give one of them."
        )
    meaning = fault.schema.get("description", "") if isinstance(fault.schema, dict) else ""
    return f"The config's `{where}` is wrong: {shorten(fault.message)}. {meaning}".rstrip()


def shorten(message: str, most: int = 300) -> str:
    """The message, cut where it would print a list of many classes."""
    return message if len(message) <= most else f"{message[: most - 100]} … {message[-100:]}"


def explain_type(value: object, wanted: str | list[str]) -> str:
    """What a value is that has another type than was `wanted`, and what to write; empty for what needs no advice."""
    types = {wanted} if isinstance(wanted, str) else {*wanted}
    if types & {"number", "integer", "boolean"} and isinstance(value, str):
        return explain_text(value)
    if value is None:
        return "empty. Give it a value, or take the line out."
    if "array" in types and not isinstance(value, dict | list):
        return f"{value!r}, not a list. Write [{value}]."
    if "string" in types and isinstance(value, bool | int | float | date):
        return (
            f"{value!r} to YAML, not a text: it takes digits (with underscores and points, too), dates, yes, no, on "
            'and off for values of their own. Write it in quotes, as in "2023_11_27".'
        )
    return ""


def explain_text(text: str) -> str:
    """What a text is that stands where a number or a truth value should be, and what to write."""
    if not isinstance(yaml.safe_load(text), str):
        return (
            f"the text {text!r}. Within quotes all is text; and `--config` makes texts of all that stands in braces "
            "or brackets. Take the quotes away, or put the setting into a file, say mine.yaml, and call snakemake "
            "with `--configfile mine.yaml`."
        )
    if is_number(text):
        return (
            f"the text {text!r}, not a number: YAML reads an exponent only with a point and a digit after it. "
            f"Write {yaml_number(text)}."
        )
    return ""


def is_number(value: object) -> bool:
    """Return whether a value is a text that was probably meant as a number."""
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)


def yaml_number(text: str) -> str:
    """Return a number's text in a form that YAML 1.1 reads as a number: 1.0e-5 for 1e-5."""
    mantissa, exponent, power = text.lower().partition("e")
    point = mantissa if "." in mantissa else f"{mantissa}.0"
    sign = "" if not exponent or power[0] in "+-" else "+"
    return f"{point}{exponent}{sign}{power}"


def check_keys(value: object, where: str = "") -> None:
    """Raise InputError for a key that YAML reads as a number, a date or a truth value."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if not isinstance(key, str):
            raise InputError(
                f"The config has the key {key!r} at {where or 'the top level'}, which YAML does not read as a text. "
                'Write it in quotes, as in "2023_11_27" or "on".'
            )
        check_keys(inner, f"{where}.{key}" if where else key)


def check_repeated_keys(text: str, file: str) -> None:
    """Raise InputError for a key that stands twice in one mapping of a YAML text; YAML would take the last one."""
    todo = [yaml.compose(text, yaml.SafeLoader)]
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            for place, (key, inner) in enumerate(node.value):
                if key.value in keys[:place]:
                    raise InputError(
                        f"The key `{key.value}` of {file} stands there twice, the second time in line "
                        f"{key.start_mark.line + 1}. Take one of the two out."
                    )
                todo.append(inner)
