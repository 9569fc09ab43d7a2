"""The browser's code gives the same answers as Python: clips are recorded here, so that both get the same frames."""

import importlib
import itertools
import json
import os
import re
import subprocess
from dataclasses import asdict

import numpy as np
import pytest
from motion_clips import TRAINING, posed_tracks, true_tracks

import posekit
from posekit.estimate.movenet import MoveNet
from posekit.image import Region
from posekit.motion.tracks import read_tracks
from posekit.pose import Poses, nms
from posekit.track import LiveTracker, Tracker
from posekit.track.tracker import torso_color


class Recorder:
    """A model that keeps its last look."""

    def __init__(self, model):
        self.model = model

    def __getattr__(self, name):
        return getattr(self.model, name)

    def look(self, image, region=None):
        self.seen = self.model.look(image, region)
        return self.seen


def record(model, frames, smooth):
    """Each frame as the browser would send it, and Python's answer; the squares as bytes."""
    recorder = Recorder(model)
    live = LiveTracker(recorder, smooth=smooth)
    rows, squares = [], []
    for time, frame in frames:
        size = frame.shape[1], frame.shape[0]
        region = live.region or Region.whole(size)
        square = region.cut(frame, live.side)[0]
        poses = live.update(square, region, size, time)
        seen = np.concatenate([recorder.seen.xy[0], recorder.seen.score[0][:, None]], axis=1)
        rows.append({
            "raw": (seen[:, [1, 0, 2]] / [live.side, live.side, 1]).ravel().tolist(),
            "region": [region.x, region.y, region.side],
            "time": time,
            "people": np.concatenate([poses.xy, poses.score[..., None]], axis=-1).tolist(),
            "ids": [] if poses.id is None else poses.id.tolist(),
            "next": live.region and [live.region.x, live.region.y, live.region.side],
            "color": torso_color(square, recorder.seen.xy[0]).tolist(),
            "points": seen.tolist(),
        })  # fmt: skip
        squares.append(square.tobytes())
    return rows, b"".join(squares)


def with_gaps(frames):
    """Frames that are missing, a black screen, a cut to another clip, and a clock that runs backwards."""
    frames = list(frames)
    other = [frame for _, frame in posekit.read_video(posekit.sample("walk")).timed()]
    black = [(time, np.zeros_like(frame)) for time, frame in frames[20:50]]
    cut = [(time, image) for (time, _), image in zip(frames[60:80], other[40:60], strict=True)]
    return frames[:20] + black + frames[50:60] + cut + frames[80:90:5] + frames[10:20]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, lightning):
    folder = tmp_path_factory.mktemp("recorded")
    clips = []
    for name in ("squats", "walk", "jumping_jacks", "gaps"):
        video = posekit.read_video(posekit.sample("squats" if name == "gaps" else name))
        frames = with_gaps(video.timed()) if name == "gaps" else list(itertools.islice(video.timed(), 60))
        rows, squares = record(lightning, frames, smooth=name != "walk")
        clips.append({"name": name, "smooth": name != "walk", "size": video.size, "frames": rows})
        (folder / f"{name}.rgb").write_bytes(squares)
    settings = {"side": lightning.live_size, "minConfidence": lightning.default_min_confidence(2), "clips": clips}
    (folder / "recorded.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.slow
def test_the_browsers_tracker_answers_as_pythons(recorded, node, modules, root):
    script = root / "tests" / "frontend" / "recorded.js"
    environment = os.environ | {"POSEKIT_FRONTEND": modules.as_uri(), "POSEKIT_RECORDED": str(recorded)}
    run = subprocess.run([node, "--test", script], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"pass (\d+)", run.stdout)[1]) == 4
    frames = json.loads((recorded / "recorded.json").read_text())["clips"]
    assert all(sum(bool(each["people"]) for each in clip["frames"]) > 20 for clip in frames)  # somebody was there
    assert len({tuple(each["ids"]) for each in frames[-1]["frames"]}) > 1


class Watched(MoveNet):
    """MultiPose that keeps what it saw last, and its own numbers."""

    def _run(self, square):
        self.seen, self.raw = square, super()._run(square)
        return self.raw


def follow(model, frames, *, live, smooth):
    """Each frame as the browser has it, and Python's answer; the pictures, and what the model sees of them, as bytes."""
    tracker = LiveTracker(model, smooth=smooth) if live else Tracker(model, smooth=smooth)
    rows, pictures, seen = [], [], []
    for time, frame in frames:
        size = frame.shape[1], frame.shape[0]
        region = Region.whole(size)
        picture = region.cut(frame, tracker.side)[0] if live else np.dstack([frame, np.full_like(frame[..., 0], 255)])
        poses = tracker.update(picture, region, size, time) if live else tracker(frame, time)
        rows.append({
            "raw": model.raw.ravel().tolist(),
            "sees": [model.seen.shape[1], model.seen.shape[0]],
            "region": [region.x, region.y, region.side],
            "time": time,
            "people": np.concatenate([poses.xy, poses.score[..., None]], axis=-1).tolist(),
            "ids": [] if poses.id is None else poses.id.tolist(),
            "boxes": poses.box.tolist(),
            "confidences": poses.confidence.tolist(),
        })  # fmt: skip
        pictures.append(picture.tobytes())
        seen.append(model.seen.tobytes())
    return rows, b"".join(pictures), b"".join(seen)


def coming_and_going(frames):
    """One of two people goes behind a curtain and comes back, soon, and again after a while; nobody; both."""
    hidden = [(20, 35), (50, 100), (110, 120)]
    for i, (time, frame) in enumerate(frames):
        frame = frame.copy()
        if any(start <= i < end for start, end in hidden):
            frame[:, 320:] = 0
        if 110 <= i < 120:
            frame[:] = 0
        yield time, frame


def rotated(frames):
    """A phone that is held upright, with a size that is a multiple of nothing."""
    return ((time, np.ascontiguousarray(frame[3:474, 130:517])) for time, frame in frames)


def wide(frames):
    return ((time, np.ascontiguousarray(frame[60:420])) for time, frame in frames)


def hold_against_python(clips, node, modules, root, folder):
    """`clips`: name → frames, whether live, whether smoothed. What Python answered."""
    model, settings = Watched(posekit.models.fetch("multipose"), name="multipose"), []
    for name, (frames, live, smooth) in clips.items():
        frames = list(frames)
        rows, pictures, seen = follow(model, frames, live=live, smooth=smooth)
        (folder / f"{name}.rgb").write_bytes(pictures)
        (folder / f"{name}.seen").write_bytes(seen)
        size = frames[0][1].shape[1], frames[0][1].shape[0]
        settings.append({"name": name, "live": live, "smooth": smooth, "size": size, "frames": rows})
    about = {"people": 6, "side": model.live_size, "minConfidence": model.default_min_confidence(1)}
    (folder / "followed.json").write_text(json.dumps({"about": about, "clips": settings}))
    script = root / "tests" / "frontend" / "followed.js"
    environment = os.environ | {"POSEKIT_FRONTEND": modules.as_uri(), "POSEKIT_RECORDED": str(folder)}
    run = subprocess.run([node, "--test", script], capture_output=True, text=True, env=environment, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"pass (\d+)", run.stdout)[1]) == len(clips)
    return {clip["name"]: [each["ids"] for each in clip["frames"]] for clip in settings}


@pytest.mark.slow
def test_several_people_are_followed_as_in_python(node, modules, root, tmp_path):
    """Two who cross, live and in a clip; who come and go; in other shapes of the picture; one alone, and a cut."""
    crossing, walk = (list(posekit.read_video(posekit.sample(name)).timed()) for name in ("two_people", "walk"))
    ids = hold_against_python(
        {
            "crossing": (crossing, True, True),
            "crossing_as_it_is": (crossing[50:110], True, False),
            "crossing_in_a_clip": (crossing[50:110], False, True),
            "coming_and_going": (coming_and_going(crossing), True, True),
            "upright": (rotated(crossing[40:100]), True, True),
            "upright_in_a_clip": (rotated(crossing[60:80]), False, True),
            "wide": (wide(crossing[40:100]), True, True),
            "cut": (crossing[:20] + [(time + 2, frame) for time, frame in walk[:40]] + crossing[5:20], True, True),
        },
        node, modules, root, tmp_path,
    )  # fmt: skip
    assert {tuple(sorted(each)) for each in ids["crossing"] if len(each) > 1} == {(1, 2)}
    assert sum(len(each) == 2 for each in ids["crossing"]) > 100
    assert max(max(each, default=0) for each in ids["coming_and_going"]) > 2
    assert [] in ids["coming_and_going"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "which"), [("two_people", slice(90)), ("people_entering", slice(60, 560, 4))])
def test_real_people_are_followed_as_in_python(node, modules, root, tmp_path, shared, name, which):
    """Two at the same time, upright; one after the other."""
    timed = posekit.read_video(shared / "videos" / f"{name}.mp4").timed()
    frames = itertools.islice(timed, which.start, which.stop, which.step)
    ids = hold_against_python({name: (frames, True, True)}, node, modules, root, tmp_path)[name]
    assert len({each for frame in ids for each in frame}) > 1


def counted(exercise, tracks):
    """The frames of a clip, and what Python's counter says after each."""
    counter, track, frames = posekit.RepetitionCounter(exercise), read_tracks(tracks), []
    for i, (points, score) in enumerate(zip(track.xy.astype(np.float32), track.score.astype(np.float32), strict=True)):
        poses = Poses(
            points[None], score[None], np.zeros((1, 4), np.float32), np.ones(1, np.float32), (640, 480), track.id[i : i + 1]
        )
        count = counter(poses, float(track.time[i]))
        depth = None if np.isnan(counter.depth) else counter.depth
        people = [np.column_stack([points, score]).tolist()]
        said = {"count": count, "partial": len(counter.partial), "phase": counter.phase, "depth": depth}
        frames.append({"time": counter.time, "ids": [int(track.id[i])], "people": people, "said": said})
    both = {"repetitions": counter.repetitions, "partial": counter.partial}
    return {"exercise": exercise, "frames": frames, **{name: [asdict(each) for each in rows] for name, rows in both.items()}}


def with_holes(tracks):
    """Points out of sight, a quarter of them for a while; and a second in which nobody was there."""
    random, hidden = np.random.default_rng(3), tracks.copy()
    hidden.loc[(hidden["frame"] % 60 < 25) & (random.random(len(hidden)) < 0.25), "score"] = 0.1
    return hidden[~hidden["frame"].between(70, 100)]


FOUND = {"squats": "squat", "push_ups": "push_up", "jumping_jacks": "jumping_jack", "curls": "curl", "half_squats": "squat",
         "paused_squats": "squat"}  # fmt: skip


@pytest.mark.slow
def test_the_browsers_counter_counts_as_pythons(lightning, node, modules, root, tmp_path):
    """Clips whose points MoveNet found, exercises from several sides whose joints are known, points that are missing, a walk."""
    clips = {name: counted(exercise, posekit.track_video(posekit.sample(name), model=lightning, progress=False))
             for name, exercise in FOUND.items()}  # fmt: skip
    for name, (exercise, pose, seconds, _) in TRAINING.items():
        for turn in (0, 50):
            clips[f"{name} from {turn} degrees"] = counted(exercise, posed_tracks(pose, seconds, turn))
    for name, exercise in (("squats", "squat"), ("jumping_jacks", "jumping_jack")):
        clips[f"{name} with holes"] = counted(exercise, with_holes(true_tracks(name)[0]))
    clips |= {f"walk as {name}": counted(name, true_tracks("walk")[0]) for name in posekit.EXERCISES}
    assert [len(clips[name]["repetitions"]) for name in FOUND] == [
        posekit.ground_truth(name)["people"][0]["repetitions"]["count"] for name in FOUND
    ]
    assert {each["exercise"] for each in clips.values() if each["repetitions"]} >= set(posekit.EXERCISES) - {"arm_raise"}
    assert sum(len(each["partial"]) for each in clips.values()) > 4
    (tmp_path / "counted.json").write_text(json.dumps(clips))
    script = root / "tests" / "frontend" / "counted.js"
    environment = os.environ | {"POSEKIT_FRONTEND": modules.as_uri(), "POSEKIT_COUNTED": str(tmp_path / "counted.json")}
    run = subprocess.run([node, "--test", script], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"pass (\d+)", run.stdout)[1]) == len(clips)


def test_both_have_the_same_constants(modules, node):
    """Each module's numbers are those of its counterpart in Python."""
    names = ("track.crop", "track.tracker", "estimate.refine", "track.live", "track.one_euro")
    *rooms, one_euro = [importlib.import_module(f"posekit.{name}") for name in names]
    code = """
      const names = ["region", "tracker", "live_tracker"];
      const all = await Promise.all(names.map((name) => import(`./${name}.js`)));
      const numbers = all.flatMap((each) => Object.entries(each).filter(([, value]) => typeof value === "number"));
      const euro = await import("./one_euro.js");
      const { MAX_SIMILARITY } = await import("./oks.js");
      console.log(JSON.stringify([Object.fromEntries(numbers), [euro.MIN_CUTOFF, euro.BETA, euro.SPEED_CUTOFF], MAX_SIMILARITY]));
    """
    run = subprocess.run([node, "--input-type=module", "-e", code], capture_output=True, text=True, cwd=modules)
    assert run.returncode == 0, run.stderr
    numbers, euro, similarity = json.loads(run.stdout)
    assert len(numbers) == 20
    for name, value in numbers.items():
        assert any(getattr(module, name, None) == value for module in rooms), name
    assert euro == list(one_euro.OneEuro.__init__.__defaults__)
    assert (similarity,) == nms.__defaults__


@pytest.mark.parametrize(("shape", "region"), [
    ((480, 640), (0, -80, 640)),
    ((480, 640), (203, 101, 217)),
    ((1201, 801), (-200, 0, 1201)),
    ((700, 900), (-31, -57, 333)),
    ((300, 300), (250, 260, 96)),
    ((96, 64), (-16, 0, 96)),
    ((40, 30), (-5, 0, 40)),
    ((384, 384), (0, 0, 384)),
])  # fmt: skip
@pytest.mark.slow
def test_a_square_is_cut_out_of_a_photo_as_in_python(modules, node, tmp_path, shape, region):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    square, scale, offset = Region(*region).cut(pixels, 192)
    (tmp_path / "rgba").write_bytes(np.concatenate([pixels, np.full((*shape, 1), 255, np.uint8)], axis=-1).tobytes())
    code = f"""
      import {{ readFileSync, writeFileSync }} from "node:fs";
      import {{ cut }} from "./pixels.js";
      const picture = {{ data: readFileSync("{tmp_path}/rgba"), width: {shape[1]}, height: {shape[0]} }};
      const {{ rgb, ...where }} = cut(picture, {list(region)}, 192);
      writeFileSync("{tmp_path}/rgb", rgb);
      console.log(JSON.stringify(where));
    """
    run = subprocess.run([node, "--input-type=module", "-e", code], capture_output=True, text=True, cwd=modules)
    assert run.returncode == 0, run.stderr
    got = np.frombuffer((tmp_path / "rgb").read_bytes(), np.uint8).reshape(192, 192, 3)
    assert np.abs(got.astype(int) - square).max() <= 1
    where = json.loads(run.stdout)
    np.testing.assert_allclose(where["scale"], scale, rtol=1e-5)
    np.testing.assert_allclose(where["offset"], offset, atol=1e-3)
