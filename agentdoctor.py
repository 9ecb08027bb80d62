"""The launcher behind the command `agentdoctor` and `python -m agentdoctor`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Run the command line, with the packages that were installed beside this file.

    A customer's own `doctor/`, `checks/` or `reports/` folder (PYTHONPATH=., or the current folder) must not shadow
    ours, so our folder goes first on the search path before anything else is imported.
    """
    home = str(Path(__file__).resolve().parent)
    sys.path[:] = [home, *(entry for entry in sys.path if entry != home)]
    from doctor.cli.main import run  # noqa: PLC0415 - only now is the search path safe

    run()


if __name__ == "__main__":
    main()
