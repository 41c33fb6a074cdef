"""Prints the bill of materials of the library with all its features: CycloneDX 1.5, as JSON.

    cargo metadata --format-version 1 --all-features --locked | python3 .ci/sbom.py

It has what a user compiles: the library and its dependencies on every target, without those of tests.
The output depends on nothing but the metadata, so the same lock file gives the same bytes.
"""

import json
import sys


def kept(metadata, name):
    """The packages that the library needs, and the ids of what each of them needs."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    root = next(id for id, package in packages.items() if package["name"] == name and package["source"] is None)
    edges, waiting = {}, [root]
    while waiting:
        at = waiting.pop()
        if at in edges:
            continue
        ordinary = [
            dep["pkg"] for dep in nodes[at]["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])
        ]
        edges[at] = sorted(set(ordinary))
        waiting.extend(ordinary)
    return root, packages, edges


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, kind):
    out = {
        "type": kind,
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": reference(package),
    }
    if package["license"]:
        # Old manifests write a slash for "or".
        out["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if package["source"]:
        out["scope"] = "required"
    return out


def main():
    root, packages, edges = kept(json.load(sys.stdin), "apportion")
    others = sorted((packages[id] for id in edges if id != root), key=reference)
    missing = [reference(package) for package in others if not package["license"]]
    if missing:
        sys.exit(f"error: without a licence: {', '.join(missing)}")
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(packages[root], "library")},
        "components": [component(package, "library") for package in others],
        "dependencies": sorted(
            (
                {"ref": reference(packages[at]), "dependsOn": sorted(reference(packages[dep]) for dep in needs)}
                for at, needs in edges.items()
            ),
            key=lambda dependency: dependency["ref"],
        ),
    }
    json.dump(bom, sys.stdout, indent=2)
    print()


main()
