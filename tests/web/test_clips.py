import csv
import tempfile

import pytest
from web.waiting import eventually

import posekit
from posekit import atomic
from posekit.video import read_video
from posekit.web import clips as module
from posekit.web.clips import DEADLINE, UNSEEN_TIMEOUT, Clips
from posekit.web.limits import BusyError
from posekit.web.results import RESULT_LIFETIME

LONG = posekit.sample("squats").read_bytes()

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A folder of its own for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def clips(clock):
    clips = Clips("lightning", clock=clock)
    yield clips
    clips.close()


def start(clips, content=LONG, visitor="one", model="lightning", exercise=""):
    return clips.start(lambda path: path.write_bytes(content), "my.clip.mp4", visitor, model, 0.3, exercise)


def ended(clips, key):
    """The result in the end, while somebody keeps asking."""
    assert eventually(lambda: clips.progress(key) is None)
    assert eventually(lambda: len(clips) == 0)
    return clips.get(key)


def left(folder):
    """The files and folders of clips; each server has a locked file in its own."""
    return [path for path in folder.rglob("*") if not path.name.startswith(("posekit-clips-", "."))]


def test_a_clip_becomes_a_clip_and_tables(clips, clock, short_clip, temporary):
    clip = ended(clips, start(clips, short_clip, exercise="squat"))
    assert clip.error == ""
    assert (clip.about["people"], clip.about["model"], clip.about["size"]) == (1, "lightning", [640, 480])
    assert clip.about["frames"] == len(read_video(clip.folder.path / "pose.mp4")) == 30
    with (clip.folder.path / "tracks.csv").open() as file:
        assert len({row["frame"] for row in csv.DictReader(file)}) == 30
    assert {path.name for path in clip.folder.path.iterdir()} == {"pose.mp4", "tracks.csv", "repetitions.csv"}
    assert clip.size > (clip.folder.path / "pose.mp4").stat().st_size
    del clip
    clock.now += RESULT_LIFETIME + 1
    clips._results.expire()
    assert left(temporary) == []


def test_a_clip_that_breaks_off_keeps_what_there_was_and_says_so(clips):
    clip = ended(clips, start(clips, LONG[:40_000]))
    assert 0 < clip.about["frames"] < 228
    assert any(note.startswith("my.clip.mp4 breaks off") for note in clip.about["notes"])


def test_what_is_not_a_clip_is_reported_with_the_visitors_name_for_it_and_no_path(clips, temporary):
    clip = ended(clips, start(clips, posekit.sample("person").read_bytes()))
    assert clip.error == "my.clip.mp4 is not a clip that can be read here. Choose an MP4, MOV or WebM."


def test_how_far_it_is(clips):
    key = start(clips)
    assert eventually(lambda: clips.progress(key)[1] > 0)
    name, done, total = clips.progress(key)
    assert (name, total) == ("my.clip.mp4", 228)
    assert 0 < done <= 228


def test_a_clip_that_is_cancelled_leaves_nothing(clips, temporary):
    key = start(clips)
    assert left(temporary)
    clips.cancel(key)
    assert ended(clips, key) is None
    assert left(temporary) == []


def test_a_clip_that_nobody_asks_about_is_given_up(clips, clock, temporary):
    start(clips)
    clock.now += UNSEEN_TIMEOUT - 1
    assert len(clips) == 1
    clock.now += 2
    assert eventually(lambda: len(clips) == 0)
    assert eventually(lambda: left(temporary) == [])


def test_a_process_that_hangs_or_crashes_is_explained(clips, clock):
    key = start(clips)
    clock.now += DEADLINE + 1
    clips.progress(key)
    assert "takes more than" in ended(clips, key).error
    key = start(clips)
    clips._jobs[key].process.kill()
    assert "cannot be decoded" in ended(clips, key).error


def test_few_at_a_time_and_one_of_each_visitor(clips):
    start(clips, visitor="one", model="thunder")
    with pytest.raises(BusyError, match="try again in a minute") as caught:
        start(clips, visitor="one")
    assert caught.value.retry_after == 30
    with pytest.raises(BusyError):
        start(clips, visitor="two", model="crowd")  # of slow models one
    start(clips, visitor="two")
    with pytest.raises(BusyError):
        start(clips, visitor="three")
    assert len(clips) == 2


def test_a_large_clip_is_worked_on_alone_and_the_next_one_after_it(clips, short_clip, monkeypatch):
    monkeypatch.setattr(module, "LARGE_PIXELS", 640 * 480 - 1)
    begun, asked = Clips._begun, []

    def spy(self, job, room):
        asked.append((job.visitor, answer := begun(self, job, room)))
        return answer

    monkeypatch.setattr(Clips, "_begun", spy)
    first, second = start(clips, visitor="one"), start(clips, short_clip, visitor="two")
    assert eventually(lambda: ("two", False) in asked)
    assert clips.progress(second)[1:] == (0, 0)
    assert asked[0] == ("one", True) or asked[0] == ("two", False)  # whoever came first begins first
    clips.cancel(first)
    assert ended(clips, second).about["frames"] == 30


def test_a_clip_that_waits_is_given_up_like_any_other(clips, clock, short_clip, monkeypatch):
    monkeypatch.setattr(module, "LARGE_PIXELS", 1)
    first, second = start(clips, visitor="one"), start(clips, short_clip, visitor="two")
    assert eventually(lambda: clips._jobs[first].room)
    clips.cancel(second)
    assert eventually(lambda: clips.progress(second) is None)
    assert clips.get(second) is None
    clips.cancel(first)


def test_clips_that_are_not_large_are_worked_on_side_by_side(clips):
    keys = [start(clips, visitor=visitor) for visitor in ("one", "two")]
    assert eventually(lambda: [clips._jobs[key].room for key in keys] == [1, 1])


def test_a_clip_that_cannot_be_written_takes_no_place(clips, temporary):
    def save(path):
        path.write_bytes(b"some")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        clips.start(save, "a.mp4", "one", "lightning", 0.3, "")
    assert len(clips) == 0
    assert left(temporary) == []


def test_what_a_killed_server_left_is_swept_and_nothing_of_a_living_one(clips, temporary):
    killed, living = temporary / "posekit-clips-killed", temporary / "posekit-clips-living"
    for folder in (killed, living):
        (folder / "clip").mkdir(parents=True)
    (killed / atomic.part_name(killed / "server").name).write_text("")
    with atomic.reserved(living / "server"):
        clips.cancel(start(clips))
        assert not killed.exists()
        assert (living / "clip").exists()


def test_closing_ends_the_work_and_deletes_everything(clock, temporary):
    clips = Clips("lightning", clock=clock)
    key = start(clips)
    process = clips._jobs[key].process
    clips.close()
    assert process.exitcode is not None
    assert list(temporary.iterdir()) == []


def test_there_is_no_folder_before_the_first_clip(clips, temporary):
    assert list(temporary.iterdir()) == []
    module.sweep()
