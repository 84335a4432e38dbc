"""Stop the embedded services of a checkout: ``python -m cli.embedded --run-dir .run``."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli.embedded.services import Services


def main() -> None:
    """Stop every instance that has a book of ports below the folder."""
    parser = argparse.ArgumentParser(description="Stop embedded services; their data stays.")
    parser.add_argument("--run-dir", type=Path, required=True)
    run_dir: Path = parser.parse_args().run_dir
    for book in sorted(run_dir.glob("*/ports.json")):
        Services(run_dir, book.parent.name).stop_all()
        print(f"stopped: {book.parent.name}")


if __name__ == "__main__":
    main()
