"""Many files, on the cores of this machine or on a Dask cluster."""

from posekit.parallel.place import without_password
from posekit.parallel.results import batch_status
from posekit.parallel.run import batch

__all__ = ["batch", "batch_status", "without_password"]
