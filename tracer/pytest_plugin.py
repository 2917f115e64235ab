"""The plugin for an editable installation that was made before it moved to `racetrace`: that keeps
its entry point until it is made anew."""

from racetrace.pytest_plugin import *  # noqa: F403
