"""A hook of mkdocs: writes the page of all config keys from the config's schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

Schema = dict[str, Any]

SCHEMA = Path(__file__).parents[1] / "workflow/schemas/config.schema.yaml"
PAGE = "config_reference.md"
SHARED = ("training", "distillation")  # parts of several sections, which are described once
INTRODUCTION = """# Config reference

`config.yaml` is the default config. A file that is given as `--configfile` is laid over it: sections are merged, and
everything else is replaced. The default of a key is its value where no config names it. A key without a default must be
given, as `config.yaml` does. Each config is checked by `workflow/schemas/config.schema.yaml`, from which this page is
made.
"""
HEADER = "| key | what it is | values | default |\n|---|---|---|---|\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to those that are built."""
    files.append(File.generated(config, PAGE, content=write_page(yaml.safe_load(SCHEMA.read_text()))))
    return files


def write_page(schema: Schema) -> str:
    """The whole page as Markdown: the sections of the config, and the parts that several of them share."""
    sections = [describe_section(name, part, schema) for name, part in schema["properties"].items()]
    shared = [describe_shared(name, schema) for name in SHARED]
    return "\n".join([INTRODUCTION, *sections, *shared])


def describe_shared(name: str, schema: Schema) -> str:
    """A part that several sections have, under the heading that their tables point to."""
    return f"## Keys of each {name} {{ #{name} }}\n\n{HEADER}{''.join(write_rows(schema['$defs'][name], schema))}"


def describe_section(name: str, part: Schema, schema: Schema) -> str:
    """A heading, a sentence, and a row for each key of one section."""
    title = f"## {name}\n\n{escape(part.get('description', ''))}\n\n"
    named = part.get("additionalProperties")
    if isinstance(named, dict):
        return title + f"Each entry is `name: {{…}}`, with these keys:\n\n{HEADER}{''.join(write_rows(named, schema))}"
    rows = list(write_rows(part, schema))
    if rows:
        return title + HEADER + "".join(rows)
    if target := shared_name(part):
        return title + f"Its keys are those of [each {target}](#{target}).\n"
    return title + f"Values: {describe_values(part, schema)}.\n"


def write_rows(part: Schema, schema: Schema, prefix: str = "") -> Iterator[str]:
    """A row for each key, those of inner sections after their own, by their full names."""
    for name, inner in follow(part, schema).get("properties", {}).items():
        key = f"{prefix}{name}"
        default = f"`{write_value(inner['default'])}`" if "default" in inner else ""
        yield f"| `{key}` | {escape(inner.get('description', ''))} | {describe_values(inner, schema)} | {default} |\n"
        if not shared_name(inner):
            yield from write_rows(inner, schema, f"{key}.")


def follow(part: Schema, schema: Schema) -> Schema:
    """A part of the schema with what it refers to; none of a part that is described elsewhere."""
    if "$ref" not in part or shared_name(part):
        return part
    target = schema
    for step in part["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target | part


def shared_name(part: Schema) -> str | None:
    """The name of the part that several sections share, or of the section, which `part` refers to."""
    kind, _, name = part.get("$ref", "").removeprefix("#/").partition("/")
    return name if (kind == "$defs" and name in SHARED) or kind == "properties" else None


def describe_values(part: Schema, schema: Schema) -> str:
    """What a key may be, in a few words."""
    if target := shared_name(part):
        return f"[{target}](#{target})"
    whole = follow(part, schema)
    if "enum" in whole:
        return ", ".join(f"`{write_value(value)}`" for value in whole["enum"])
    kinds = whole.get("type", "any")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(NAMES.get(kind, kind) for kind in kinds)
    if "items" in whole:
        return f"{words} of: {describe_values(whole['items'], schema)}"
    return words + "".join(f" {sign} {whole[key]:g}" for key, sign in LIMITS.items() if key in whole)


NAMES = {"object": "section", "array": "list", "string": "text", "integer": "whole number", "boolean": "true or false"}
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def write_value(value: Any) -> str:
    """A value as YAML writes it on one line."""
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()


def escape(text: str) -> str:
    """A description that cannot break a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
