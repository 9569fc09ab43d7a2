"""Tests in a real JupyterLab in a real Chromium. conftest.py has the fixtures; lab.py and camera.py are what they hand out."""
