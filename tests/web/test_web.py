import importlib

import pytest

import posekit
from posekit import web


def test_without_flask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: (_ for _ in ()).throw(ModuleNotFoundError(name="flask")))
    with pytest.raises(posekit.MissingExtraError, match=r"needs flask, which is not installed: pip install -e .*\[web\]"):
        web.create_app()
