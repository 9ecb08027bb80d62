"""The launcher behind the command `agentdoctor` and `python -m agentdoctor`."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

HOME = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - pathlib would have to be found first
OURS = frozenset({"doctor", "checks", "reports"})


class OursFirst:
    """Finds our three packages beside this file, whatever else of these names lies on the search path."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The package of that name, if it is one of ours; everything else is left to the other finders."""
        return PathFinder.find_spec(name, [HOME], target) if path is None and name in OURS else None


def main() -> None:
    """Run the command line, with the packages that were installed beside this file.

    A customer's own `doctor/`, `checks/` or `reports/` folder (PYTHONPATH=., or the current folder) must not shadow
    ours, nor must a `json.py` there or in site-packages shadow the standard library.
    """
    standard = os.path.dirname(os.__file__)  # noqa: PTH120 - as above
    own = (standard, os.path.join(standard, "lib-dynload"))  # noqa: PTH118 - as above
    sys.path.sort(key=lambda entry: entry not in own and not _is_zip_of_library(entry))
    sys.meta_path.insert(0, OursFirst)
    from doctor.cli.main import run  # noqa: PLC0415 - only now is it ours that is found

    run()


def command() -> NoReturn:
    """Run `main` and end at once: all is written, and taking the interpreter apart costs a tenth of a second."""
    try:
        main()
    except SystemExit as ended:
        if ended.code is not None and not isinstance(ended.code, int):
            raise
        code = ended.code or 0
    else:
        code = 0
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = 141
    os._exit(code)


def _is_zip_of_library(entry: str) -> bool:
    return entry.endswith(f"python{sys.version_info[0]}{sys.version_info[1]}.zip")


if __name__ == "__main__":
    if sys.path and sys.path[0] != HOME and sys.path[0] in {"", os.getcwd()}:  # noqa: PTH109 - as above
        # `python -m` puts the current folder first, where an untrusted repository may keep a click.py.
        del sys.path[0]
    command()
