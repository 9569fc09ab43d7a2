"""Model files: the catalogue, and how they are stored, fetched, checked and converted."""

from posekit.models.catalogue import CATALOGUE, CatalogueEntry
from posekit.models.quantise import quantisation, quantise
from posekit.models.runtime import fetch_runtime
from posekit.models.store import entry, fetch, fetch_saved_model, fetch_several, folder, path, provenance, status

__all__ = [
    "CATALOGUE",
    "CatalogueEntry",
    "entry",
    "fetch",
    "fetch_runtime",
    "fetch_saved_model",
    "fetch_several",
    "folder",
    "path",
    "provenance",
    "quantisation",
    "quantise",
    "status",
]
