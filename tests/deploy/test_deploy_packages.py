"""The ways to run it, checked as far as it goes without an engine: wheel, image, compose, systemd, manifests."""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from onesixty.ops.settings import Settings, variable_of
from tests.support.console import write_dist
from tests.support.peers import require_program
from tests.support.postgres import ROOT
from tests.support.process import Product

DEPLOY = ROOT / "deploy"
SETTINGS = {variable_of(name) for name in Settings.model_fields}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the image builds it."""
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


def built(tree: Path, directory: Path) -> Path:
    """The wheel of a source tree."""
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)],
        cwd=tree, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = directory.glob("*.whl")
    return found


def test_the_wheel_holds_all_of_the_package_and_nothing_else(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src" / "onesixty").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == source


def checked(wheel: Path) -> subprocess.CompletedProcess[str]:
    """What the check of a release says."""
    script = str(ROOT / "scripts" / "check-wheel")
    return subprocess.run([script, str(wheel)], capture_output=True, text=True, check=False, timeout=60)


def test_a_wheel_carries_the_console_and_is_no_release_without_it(tmp_path: Path) -> None:
    """The build is in no commit, and is packed all the same: with every form of every file."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    package = tree / "src" / "onesixty"
    (package / "console").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    bare = built(tree, tmp_path / "bare")
    assert "no console" in checked(bare).stderr
    assert checked(bare).returncode == 1

    dist = write_dist(package / "console" / "dist")
    whole = built(tree, tmp_path / "whole")
    assert (checked(whole).returncode, checked(whole).stderr) == (0, "")
    packed = {name for name in zipfile.ZipFile(whole).namelist() if "/dist/" in name}
    assert packed == {
        f"onesixty/console/dist/{path.relative_to(dist)}" for path in dist.rglob("*") if path.is_file()
    }
    (dist / "assets" / "later-one.js.br").unlink()
    (dist / "assets" / "index-one.js").unlink()
    (dist / "docs.html").unlink()
    said = checked(built(tree, tmp_path / "torn")).stderr
    assert "later-one.js.br is missing" in said
    assert "index-one.js is missing" in said
    assert "docs.html is missing" in said


@pytest.mark.deadline(120)
def test_the_wheel_runs_from_where_it_was_unpacked(
    wheel: Path, tmp_path: Path, new_product: Callable[..., Product]
) -> None:
    """Nothing of the repository is needed: the package is taken from the wheel, in an empty directory."""
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(unpacked)
    product = new_product()
    product.extra_environment["PYTHONPATH"] = str(unpacked)
    product.start()
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import onesixty; print(onesixty.__file__)"],
        env=product.environment, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert where.stdout.startswith(str(unpacked))


def instructions(path: Path) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, continued lines joined."""
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", path.read_text()))
    return [(name, rest.strip()) for name, rest in re.findall(r"(?m)^([A-Z]+)\s+(.*)$", text)]


def test_the_image_is_built_from_the_locks_and_runs_without_rights() -> None:
    found = instructions(DEPLOY / "Dockerfile")
    kept = [line for line in (DEPLOY / "Dockerfile.dockerignore").read_text().split() if line[0] == "!"]
    for name, rest in found:
        if name == "COPY" and "--from" not in rest:
            for source in shlex.split(rest)[:-1]:
                assert (ROOT / source).exists(), f"COPY {source}"
                assert any(source.startswith(line[1:].split("*")[0]) for line in kept), f"{source} is ignored"
    runs = " ".join(rest for name, rest in found if name == "RUN")
    assert "scripts/build-console" in runs
    assert "scripts/check-wheel" in runs, "no image without the console"
    installs = re.findall(r"pip install ([^&]*)", runs)
    assert installs
    assert all("--require-hashes" in install or "--no-deps" in install for install in installs)
    last = [place for place, (name, _) in enumerate(found) if name == "FROM"][-1]
    stage = dict(found[last:])
    assert stage["USER"] == "10160:10160"
    assert stage["ENTRYPOINT"] == '["onesixty"]'
    assert set(re.findall(r"ONESIXTY_\w+", stage["ENV"])) <= SETTINGS
    assert {"title", "description", "licenses", "version", "revision"} == set(
        re.findall(r"org\.opencontainers\.image\.(\w+)=", stage["LABEL"])
    )
    bases = {rest.split()[0] for name, rest in found if name == "FROM"}
    assert bases == {"${PYTHON}"}, "one argument pins them all"


def test_what_the_image_runs_is_what_the_package_has(wheel: Path) -> None:
    entry = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("entry_points.txt"))
    assert "onesixty = onesixty.cli:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_the_compose_file_is_hardened_and_names_real_settings() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    product, database = services["onesixty"], services["postgres"]
    assert (DEPLOY / product["build"]["context"] / product["build"]["dockerfile"]).exists()
    assert set(product["environment"]) <= SETTINGS | {"PGPASSWORD"}
    assert "PASSWORD" not in product["environment"]["ONESIXTY_DATABASE_URL"], (
        "its characters would need escapes"
    )
    assert ":?" in product["environment"]["ONESIXTY_ADMIN_KEY"], "no key in the log"
    assert product["read_only"] is True
    assert product["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in product["ports"])
    assert product["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "healthcheck" in database
    assert ":?" in database["environment"]["POSTGRES_PASSWORD"], "no password by default"
    metrics = product["environment"]["ONESIXTY_METRICS_LISTEN"].rpartition(":")[2]
    assert not any(port.endswith(f":{metrics}") for port in product["ports"]), "metrics need no key"
    proxy = services["proxy"]
    assert proxy["profiles"] == ["tls"], "only where it is asked for"
    (config, _, mode), *_ = (volume.split(":") for volume in proxy["volumes"])
    assert mode == "ro"
    assert "reverse_proxy onesixty:8160" in (DEPLOY / config).read_text()


def test_systemd_takes_the_unit_and_finds_it_well_confined(tmp_path: Path) -> None:
    analyze = require_program("systemd-analyze", "systemd")
    program = tmp_path / "onesixty"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "onesixty.service"
    unit.write_text(
        (DEPLOY / "systemd" / "onesixty.service")
        .read_text()
        .replace("/opt/onesixty/bin/onesixty", str(program))
    )
    verified = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-500:]


def rendered(overlay: str, home: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """What an overlay makes, by kind and name; all that Kubernetes itself knows is valid."""
    kubectl = require_program("kubectl", "kubectl")
    made = subprocess.run(
        [kubectl, "kustomize", str(DEPLOY / "kubernetes" / overlay)],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    import kubernetes_validate

    resources: list[dict[str, Any]] = [each for each in yaml.safe_load_all(made.stdout) if each]
    for resource in resources:
        if resource["kind"] != "PodMonitor":  # the Prometheus operator's own
            kubernetes_validate.validate(resource, desired_version="1.32", strict=True)
        if resource["kind"] != "Namespace":
            assert resource["metadata"]["namespace"] == "onesixty"
    return {(resource["kind"], resource["metadata"]["name"]): resource for resource in resources}


#: What there is besides, by overlay.
BASE = {
    ("Namespace", "onesixty"), ("Service", "onesixty"), ("Service", "onesixty-nodes"),
    ("StatefulSet", "onesixty"), ("NetworkPolicy", "onesixty"),
}  # fmt: skip
SEVERAL = BASE | {("PodDisruptionBudget", "onesixty")}
OVERLAYS = {
    "base": BASE,
    "postgresql": SEVERAL,
    "example": SEVERAL | {("Service", "onesixty-smpp"), ("PodMonitor", "onesixty")},
}


@pytest.mark.parametrize("overlay", list(OVERLAYS))
def test_kubernetes_would_take_the_manifests(overlay: str, tmp_path: Path) -> None:
    found = rendered(overlay, tmp_path)
    (config,) = (each for (kind, _), each in found.items() if kind == "ConfigMap")
    assert {key for key in found if key[0] != "ConfigMap"} == OVERLAYS[overlay]
    assert set(config["data"]) <= SETTINGS
    stateful = found["StatefulSet", "onesixty"]["spec"]
    pod = stateful["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsUser"] == 10160
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    claimed = {claim["metadata"]["name"] for claim in stateful.get("volumeClaimTemplates", ())}
    assert mounted == claimed | {volume["name"] for volume in pod["volumes"]}
    assert ("data" in claimed) == (overlay == "base")
    assert stateful["replicas"] == (1 if overlay == "base" else 3)

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert config["data"]["ONESIXTY_METRICS_LISTEN"] == f"0.0.0.0:{ports['metrics']}"
    nodes = found["Service", stateful["serviceName"]]["spec"]
    assert nodes["clusterIP"] == "None"
    for (kind, name), service in found.items():
        if kind == "Service":
            assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(ports), name
            exposed = {port["name"] for port in service["spec"]["ports"]}
            assert "metrics" not in exposed or name == "onesixty-nodes", "metrics need no key"
    labels = stateful["template"]["metadata"]["labels"].items()
    for spread in pod.get("topologySpreadConstraints", ()):
        assert spread["labelSelector"]["matchLabels"].items() <= labels
    assert len(pod.get("topologySpreadConstraints", ())) == (0 if overlay == "base" else 2)


def test_kubernetes_several_nodes_and_what_reaches_them(tmp_path: Path) -> None:
    found = rendered("example", tmp_path)
    labels = found["StatefulSet", "onesixty"]["spec"]["template"]["metadata"]["labels"].items()
    budget = found["PodDisruptionBudget", "onesixty"]["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"].items() <= labels
    balancer = found["Service", "onesixty-smpp"]["spec"]
    assert (balancer["type"], balancer["externalTrafficPolicy"]) == ("LoadBalancer", "Local")
    assert balancer["selector"].items() <= labels
    monitor = found["PodMonitor", "onesixty"]["spec"]
    assert monitor["selector"]["matchLabels"].items() <= labels
    assert [endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]] == ["metrics"]
    # The rules of deploy/prometheus ask for the job of this name.
    assert dict(labels)[monitor["jobLabel"]] == "onesixty"
