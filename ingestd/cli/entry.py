"""Where the command `ingestd` begins.

It loads nothing here: each process that reads messages first loads once more what the daemon was begun by.
"""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line and end the process with its exit code."""
    gc.disable()  # what is loaded stays: collections would look at it again and again for nothing
    from ingestd.cli import main as commands

    gc.enable()
    commands.main()
