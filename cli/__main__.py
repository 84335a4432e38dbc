"""``python -m cli``: the same as ``outdial``."""

from cli.main import main

main()
