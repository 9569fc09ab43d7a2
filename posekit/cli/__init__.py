"""The `posekit` command: a module for each subcommand, which `command` lists. See `demo` for the smallest one."""

from posekit.cli.command import main

__all__ = ["main"]
