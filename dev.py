"""The commands of README.md, for a machine with only git and Python 3.10 or newer.

`python3 dev.py demo` installs agentdoctor into a virtual environment beside this file and runs its main job against
the simulated Azure. `python3 dev.py test` installs what the tests need, too, and passes them; `python3 dev.py az` also
fetches azure-cli, and drives the simulated Azure by it; `python3 dev.py hostile` tries every fault on every request of
a run, of which `test` takes a sample; `python3 dev.py docs` makes the site of the documentation; `python3 dev.py
mutate` breaks the reasoning in a sample of places and counts what the tests notice. All work again when run again,
honour pip's own configuration (index, proxy, certificates), and need no privileges.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

HOME = Path(__file__).resolve().parent
VENV = HOME / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
AZ = HOME / ".venv-az"
OLDEST = (3, 10)
GROUPS = {
    "demo": "",
    "test": "test",
    "az": "test",
    "bench": "test",
    "hostile": "test",
    "docs": "docs",
    "mutate": "mutation",
}
"""Command → the group of dependencies that it needs beside the package's own."""
DIRECT = {"demo": ("-m", "agentdoctor", "demo"), "mutate": ("tests/mutation.py",)}
"""Command → what it runs as it is."""
OTHERS = [command for command in GROUPS if command not in {"demo", "test"}]


def main(arguments: list[str]) -> int:
    """Run one of the commands and return its exit code."""
    if sys.version_info < OLDEST:
        print(f"agentdoctor needs Python 3.10 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command not in GROUPS:
        print(
            "usage: python3 dev.py demo [SCENARIO] | test [PYTEST OPTIONS] | az | bench | hostile | docs | mutate",
            file=sys.stderr,
        )
        return 2
    make_environment()
    install(GROUPS[command])
    if command == "docs":
        return make_site()
    if command in DIRECT:
        return call(*DIRECT[command], *rest)
    if command == "bench":
        return max([call(str(bench), *rest) for bench in sorted((HOME / "bench").glob("*.py"))])
    if command == "az":
        install_az()
        rest = ["tests/clients", *rest]
    elif command == "hostile":
        os.environ["HOSTILE"] = "whole"
        rest = ["tests/hostile", *(rest or ["-q", "-s"])]
    return call("-m", "pytest", *(rest or ["-n", str(min(os.cpu_count() or 1, 4))]))


def make_environment() -> None:
    """Make the virtual environment, also where the system's Python comes without ensurepip (Debian's does)."""
    if PYTHON.exists() and call("-m", "pip", "--version", quiet=True) == 0:
        return
    print("Making the virtual environment .venv …", file=sys.stderr)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, check=False)
    if made.returncode == 0:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        subprocess.run([sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", "pip"], check=True)
    else:
        bring_pip()


def bring_pip() -> None:
    """Install pip from its own wheel, which runs without being installed."""
    with tempfile.TemporaryDirectory() as folder:
        index = os.environ.get("PIP_INDEX_URL") or configured_index() or "https://pypi.org/simple"
        page = f"{index.rstrip('/')}/pip/"
        with urllib.request.urlopen(page) as answer:  # noqa: S310 - the index that the user has configured
            links = re.findall(r'href="([^"]*/?pip-[0-9.]+-py3-none-any\.whl[^"]*)"', answer.read().decode())
        if not links:
            raise SystemExit(f"{page} lists no wheel of pip; install pip or python3-venv and try again.")
        wheel = Path(folder) / links[-1].split("#")[0].rsplit("/", 1)[-1]
        with urllib.request.urlopen(urljoin(page, links[-1])) as answer:  # noqa: S310 - as above
            wheel.write_bytes(answer.read())
        run([str(PYTHON), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])


def configured_index() -> str:
    """The package index of pip's configuration files, or ""."""
    config = configparser.ConfigParser()
    config.read(
        [
            "/etc/pip.conf",
            Path.home() / ".pip/pip.conf",
            Path.home() / ".config/pip/pip.conf",
            os.environ.get("PIP_CONFIG_FILE", ""),
        ]
    )
    return config.get("global", "index-url", fallback="")


def install(group: str) -> None:
    """Install this checkout, and with it a group of what developers need, when something is missing or has changed."""
    mark = VENV / (f"installed-{group}" if group else "installed")
    wanted = (HOME / "pyproject.toml").read_text(encoding="utf-8")
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    print("Installing agentdoctor and what it needs into .venv …", file=sys.stderr)
    quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if group:
        run([str(PYTHON), *quiet, "--upgrade", "pip>=25.1"])  # the first one that knows dependency groups
        run([str(PYTHON), *quiet, "--group", f"{HOME / 'pyproject.toml'}:{group}"])
    # An environment made before the distribution got its present name would load every check twice.
    call("-m", "pip", "uninstall", "--quiet", "--yes", "agentdoctor", quiet=True)
    run([str(PYTHON), *quiet, "--editable", str(HOME)])
    mark.write_text(wanted, encoding="utf-8")


def install_az() -> None:
    """Give azure-cli an environment of its own: it pins other versions of what we use."""
    if not AZ.exists():
        print("Installing azure-cli into .venv-az; it is large …", file=sys.stderr)
        run([str(PYTHON), "-m", "venv", "--without-pip", str(AZ)])
        python = AZ / PYTHON.relative_to(VENV)
        run(
            [
                str(PYTHON),
                "-m",
                "pip",
                "--python",
                str(python),
                "install",
                "--quiet",
                "--group",
                f"{HOME / 'pyproject.toml'}:az",
            ]
        )


def make_site() -> int:
    """Make the documentation's site in the folder site: the pages, the changelog and the JSON Schemas."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "docs"
        shutil.copytree(HOME / "docs", pages)
        shutil.copytree(HOME / "reports" / "schema", pages / "schema")
        shutil.copy(HOME / "CHANGELOG.md", pages / "changelog.md")
        if code := call("-m", "agentdoctor", "docs", str(pages)):
            return code
        os.environ["DOCS"] = str(pages)
        return call("-m", "mkdocs", "build", "--quiet", "--clean")


def run(command: list[str]) -> None:
    """Run a command that must succeed."""
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(f"This failed: {' '.join(command)}")


def call(*arguments: str, quiet: bool = False) -> int:
    """Run the environment's Python and return its exit code."""
    return subprocess.run([str(PYTHON), *arguments], cwd=HOME, capture_output=quiet, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
