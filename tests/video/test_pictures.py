import numpy as np
import pytest
from PIL import Image

import posekit
from posekit import VideoError, annotate_video, read_video
from posekit.video.pictures import of_pattern


def save(path, level, size=(64, 48), **options):
    Image.fromarray(np.full((size[1], size[0], 3), level, np.uint8)).save(path, **options)


def levels(video):
    return [round(float(frame.mean())) for frame in video]


NAMES = ["frame 2.PNG", "frame 10.jpg", "frame 9.JPEG", "frame [1].webp", "främe%03d.bmp", "frame\n11.TIF"]


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["plain", "with [brackets]", "100%d", "ümlaut und Leerzeichen", "two\nlines"])
def test_any_mixture_of_names_in_any_folder_becomes_a_clip(tmp_path, lightning, folder):
    (tmp_path / folder).mkdir()
    for number, name in enumerate(NAMES):
        save(tmp_path / folder / name, 20 + 10 * number)
    (tmp_path / folder / "notes.txt").write_text("no picture")
    save(tmp_path / folder / "._frame 2.png", 0)
    video = read_video(tmp_path / folder)
    assert (len(video), video.size, video.fps) == (6, (64, 48), 25)
    tracks = annotate_video(tmp_path / folder, tmp_path / "out.mp4", model=lightning, progress=False)
    assert len(tracks) == 0
    assert len(read_video(tmp_path / "out.mp4")) == 6


def test_heic_is_among_them(tmp_path, shared):
    heic = next((shared / "hard").glob("*.[hH][eE][iI][cC]"), None)
    if heic is None:
        pytest.skip("no HEIC file there")
    (tmp_path / "a.HEIC").write_bytes(heic.read_bytes())
    save(tmp_path / "b.png", 0)
    assert len(list(read_video(tmp_path))) == 2


def test_damaged_pictures_are_left_out_and_other_sizes_scaled(tmp_path):
    save(tmp_path / "1.png", 10)
    (tmp_path / "2.png").write_bytes((tmp_path / "1.png").read_bytes()[:30])
    save(tmp_path / "3.png", 30, (96, 96))
    video = read_video(tmp_path)
    assert levels(video) == [10, 30]
    assert "2.png" in video.notes[0]
    assert "scaled to the first one's, 64×48" in video.notes[1]
    (tmp_path / "1.png").unlink()
    (tmp_path / "3.png").unlink()
    with pytest.raises(VideoError, match=r"none of the 1 pictures can be read"):
        read_video(tmp_path)


def test_a_pattern_stands_for_its_numbers_alone(tmp_path):
    folder = tmp_path / "50% [a]"
    folder.mkdir()
    for name in ("f08.png", "f09.png", "f10.png", "f7.png", "g09.png"):
        save(folder / name, 0)
    assert [file.name for file in of_pattern(folder / "f%02d.png")] == ["f08.png", "f09.png", "f10.png"]
    assert [file.name for file in of_pattern(folder / "f%d.png")] == ["f7.png", "f08.png", "f09.png", "f10.png"]
    with pytest.raises(VideoError, match="no files"):
        read_video(folder / "x%d.png")


def test_a_webp_that_moves_is_read(tmp_path):
    pictures = [Image.fromarray(np.full((48, 64, 3), 40 * i, np.uint8)) for i in range(4)]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], duration=[100, 200, 300, 0], lossless=True)
    video = read_video(tmp_path / "a.webp")
    assert (len(video), video.size) == (4, (64, 48))
    assert levels(video) == [0, 40, 80, 120]
    assert [time for time, _ in video.timed()] == pytest.approx([0, 0.1, 0.3, 0.6])
    (tmp_path / "half.webp").write_bytes((tmp_path / "a.webp").read_bytes()[:60])
    with pytest.raises(posekit.VideoError, match=r"half\.webp"):
        read_video(tmp_path / "half.webp")
