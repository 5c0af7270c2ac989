"""``python -m undrift``: the same as the command."""

import sys

from undrift.cli import main

if __name__ == "__main__":
    sys.exit(main())
