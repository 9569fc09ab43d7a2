"""Runs the `posekit` command as `python -m posekit`."""

import sys

from posekit.cli import main

sys.exit(main())
