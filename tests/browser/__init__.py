"""Tests in a real JupyterLab in a real Chromium. conftest.py has the fixtures; lab.py and camera.py define what they provide."""
