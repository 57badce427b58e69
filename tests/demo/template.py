"""template.yaml as plain data: intrinsic functions become {"Ref": …} and {"Fn::…": …}."""

from pathlib import Path
from typing import Any

import yaml

from tests.demo.environments import ROOT

Template = dict[str, Any]


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags."""


def intrinsic(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = "Ref" if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", intrinsic)


def load(path: Path = ROOT / "template.yaml") -> Template:
    return yaml.load(path.read_text(), Loader)  # a SafeLoader


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every resource of one type, by logical id."""
    found = template["Resources"].items()
    return {name: each.get("Properties", {}) for name, each in found if each["Type"] == kind}


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """Return every function's properties, over what Globals gives to all."""
    shared = template["Globals"]["Function"]
    own = resources(template, "AWS::Serverless::Function")
    return {
        name: shared | properties | variables(shared, properties) | layers(shared, properties)
        for name, properties in own.items()
    }


def variables(*sections: Template) -> Template:
    merged: dict[str, Any] = {}
    for section in sections:
        merged |= section.get("Environment", {}).get("Variables", {})
    return {"Environment": {"Variables": merged}}


def layers(*sections: Template) -> Template:
    return {"Layers": [layer for section in sections for layer in section.get("Layers", [])]}
