"""The `posekit` command, with a module for each subcommand; `command` lists them. `demo` is the smallest one."""

from posekit.cli.command import main

__all__ = ["main"]
