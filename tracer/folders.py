"""Folders of this process."""

from __future__ import annotations

import os


def working_directory() -> str:
    """The path of the working directory; empty where that has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""
