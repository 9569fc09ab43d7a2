from posekit.parallel.frames import FrameCount
from posekit.parallel.sources import Source

CLIPS = [Source(f"{name}.mp4", 1000, "") for name in "abc"]


def row(source, frames, state="done"):
    return {"source": source.address, "frames": frames, "state": state}


def test_pictures_are_one_frame_each():
    count = FrameCount(2, 0)
    list(count.begin([Source("a.jpg", 5, ""), Source("b.jpg", 5, "")]))
    assert (count.now, count.total) == (0, 2)
    count.finish(row(Source("a.jpg", 5, ""), 1))
    assert (count.now, count.total) == (1, 2)


def test_clips_that_nobody_has_opened_are_estimated_from_the_others():
    count = FrameCount(0, 3000)
    assert count.total is None
    assert list(count.begin(CLIPS)) == CLIPS
    count.tell("a.mp4", 0, 10, 50)
    assert (count.now, count.total) == (10, 150)
    count.finish(row(CLIPS[0], 60))
    assert (count.now, count.total) == (60, 180)
    count.finish(row(CLIPS[1], 0, "failed"))
    assert (count.now, count.total) == (60, 120)
    count.finish(row(CLIPS[2], 70))
    assert count.now == count.total == 130


def test_late_news_of_a_clip_that_is_done_is_ignored():
    count = FrameCount(0, 1000)
    list(count.begin(CLIPS))
    count.finish(row(CLIPS[0], 60))
    count.tell("a.mp4", 0, 59, 60)
    assert count.now == count.total == 60
