import numpy as np
import pytest
from PIL import Image

from posekit import ImageError, read_image
from posekit.folders import SUFFIXES, natural_key, pictures_in


def test_natural_order_is_the_one_in_which_people_count():
    names = ["frame1", "Frame2", "frame2a", "frame10", "frame010", "1", "02", "x1y2", "x1y10", "ä", ""]
    assert sorted(names, key=natural_key)[:1] == [""]
    ordered = sorted(names, key=natural_key)
    assert [name for name in ordered if name.lower().startswith("frame")] == ["frame1", "Frame2", "frame2a", "frame010", "frame10"]
    assert ordered.index("1") < ordered.index("02")
    assert ordered.index("x1y2") < ordered.index("x1y10")


def test_the_pictures_of_a_folder(tmp_path):
    for name in ("2.JPG", "10.heic", "1.png", ".1.png", "text.txt", "100%.webp", "[x].tiff"):
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    assert [file.name for file in pictures_in(tmp_path)] == ["1.png", "2.JPG", "10.heic", "100%.webp", "[x].tiff"]


def test_folders_without_pictures_and_what_is_not_a_folder(tmp_path):
    with pytest.raises(ImageError, match="there are no pictures in the folder"):
        pictures_in(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ImageError, match=r"cannot read the folder .*file: Not a directory"):
        pictures_in(tmp_path / "file")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES - {".heic", ".heif"}))
def test_each_suffix_is_one_that_read_image_reads(suffix, tmp_path):
    """Pillow writes the files; HEIC is tested in test_image.py, since nothing here writes it."""
    mode = {".pbm": "1", ".pgm": "L"}.get(suffix, "RGB")
    Image.new(mode, (16, 16)).save(tmp_path / f"a{suffix}")
    assert np.array_equal(read_image(tmp_path / f"a{suffix}").shape, (16, 16, 3))
