"""Runs Helm, as a library, and the JSON schemas of Kubernetes for tests/kubernetes/helm.ts.

Reads one JSON request from standard input and writes one JSON response.
"""

import json
import sys

import kubernetes_validate
import yaml
from helm_python import chart as helm
from helm_python.errors import HelmError


def render(request):
    """The manifests by the name of their template, or the error of Helm."""
    try:
        with helm.Chart.load(request["chart"]) as chart:
            chart.validate_schema(request["values"])
            manifests = chart.render(request["values"], name=request["name"], namespace="default")
    except HelmError as error:
        return {"error": str(error)}
    return {"manifests": manifests}


def lint(request):
    return helm.lint(request["chart"], request["values"], strict=True)


def validate(request):
    """The mistakes of every object, for every version of Kubernetes."""
    mistakes = []
    checked = 0
    for version in request["versions"]:
        for found in yaml.safe_load_all(request["text"]):
            if found is None:
                continue
            checked += 1
            try:
                kubernetes_validate.validate(found, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                where = ".".join(str(part) for part in error.path)
                mistakes.append(f"{version}: {found['kind']}: {where}: {error.message}")
    return {"checked": checked, "mistakes": mistakes}


request = json.load(sys.stdin)
print(json.dumps({"render": render, "lint": lint, "validate": validate}[request["action"]](request)))
