"""The wheel: what is in it, and that each extra works when it is installed alone (`make test-extras`)."""

import os
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

#: What somebody installs an extra for; `""` is posekit without any. Each runs in a fresh environment, outside the clone.
USES = {
    "": """
        image = posekit.read_image(posekit.sample("person"))
        assert len(posekit.load_model()(image)) == 1
        try:
            posekit.plot(image, posekit.Poses.empty((640, 480)))
            raise AssertionError("matplotlib is here")
        except posekit.MissingExtraError as error:
            assert "notebooks" in str(error)
        """,
    "notebooks": """
        import ipywebrtc
        image = posekit.read_image(posekit.sample("person"))
        poses = posekit.load_model()(image)
        posekit.plot(image, poses), posekit.PoseViewer(image, poses), posekit.UploadPose()
        posekit.LivePose(ipywebrtc.CameraStream())
        """,
    "video": """
        table = posekit.annotate_video(posekit.sample("walk"), "walk.mp4", table="walk.parquet", progress=False)
        assert set(table["id"]) == {1}
        """,
    "convert": """
        from posekit import models
        import tensorflow_hub
        assert tensorflow_hub.load(str(models.fetch_saved_model("lightning"))).signatures
        """,
    "lab": """
        import jupyterlab, os, pathlib, posekit_lab, re, subprocess, sys

        os.environ["JUPYTER_CONFIG_DIR"] = os.getcwd()

        def extension(*arguments):
            command = [pathlib.Path(sys.executable).with_name("jupyter-server"), "extension", *arguments]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            return re.sub("\\x1b.*?m", "", run.stdout + run.stderr)

        assert "posekit_lab disabled" in extension("list"), "an install switches nothing on"
        extension("enable", "posekit_lab")
        assert re.search(r"posekit_lab enabled\\n.*Validating posekit_lab.*\\n.*posekit_lab.* OK", extension("list"))
        """,
    "motion": """
        import pandas
        truth = posekit.ground_truth("squats")
        rows = [
            (frame, frame / truth["fps"], 1, 0, name, x, y, 1.0)
            for frame, points in enumerate(truth["people"][0]["xy"])
            for name, (x, y) in zip(truth["keypoints"], points)
        ]
        tracks = pandas.DataFrame(rows, columns=["frame", "time", "id", "person", "keypoint", "x", "y", "score"])
        assert len(posekit.repetitions(tracks, "squat")) == truth["people"][0]["repetitions"]["count"]
        assert posekit.angles(tracks, cutoff=6)["left_knee"].between(0, 180).all()
        """,
    "evaluate": """
        truth = posekit.ground_truth("person")
        points = truth["people"][0]["xy"][0]
        xs, ys = zip(*points)
        box = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
        person = {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "num_keypoints": 17, "bbox": box, "area": box[2] * box[3]}
        person["keypoints"] = [value for point in points for value in (*point, 2)]
        image = {"id": 1, "file_name": "person.png", "width": truth["width"], "height": truth["height"]}
        category = {"id": 1, "name": "person", "keypoints": truth["keypoints"], "skeleton": []}
        annotations = {"images": [image], "annotations": [person], "categories": [category]}
        assert posekit.evaluate(annotations, posekit.sample("person").parent, progress=False).ap > 0.5
        """,
    "batch": """
        if __name__ == "__main__":                                # the workers import this file
            table = posekit.batch([posekit.sample("person"), posekit.sample("walk")], "out", workers=1, exercise="squat")
            assert (table["state"] == "done").all(), table["error"].tolist()
        """,
    "web": """
        import re, signal, subprocess, sys, urllib.request
        command = [sys.executable, "-m", "posekit", "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            address = re.search(r"http://\\S+/", server.stdout.readline())[0]
            photo = posekit.sample("person").read_bytes()
            answer = urllib.request.urlopen(urllib.request.Request(address + "api/pose", photo, {"Content-Type": "image/png"}))
            assert b"keypoints" in answer.read()
            assert b"<h1" in urllib.request.urlopen(address).read()
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=60)
        assert server.returncode == 0
        """,
}

#: What is done with a bucket: a run that is killed, and again.
BUCKET = """
    import fsspec, os, signal, subprocess, sys, time
    from moto.server import ThreadedMotoServer

    def run():
        return posekit.batch("s3://bucket/in", "s3://bucket/out", workers=1, progress=False)

    def written():
        bucket.invalidate_cache()
        found = bucket.find("bucket/out/tracks", detail=True)  # of an empty one, the folder itself
        return {name: about["LastModified"] for name, about in found.items() if about["type"] == "file"}

    if __name__ == "__main__":                                # the workers import this file
        if "first" in sys.argv:
            run()
            sys.exit()
        server = ThreadedMotoServer("127.0.0.1", port=0)
        server.start()
        host, port = server.get_host_and_port()
        os.environ |= {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
        bucket = fsspec.filesystem("s3")
        bucket.mkdir("bucket")
        for number in range(8):
            bucket.put(str(posekit.sample("walk")), f"bucket/in/{number}.mp4")
        with subprocess.Popen([sys.executable, __file__, "first"], start_new_session=True) as first:
            while not written() and first.poll() is None:
                time.sleep(0.05)
            os.killpg(first.pid, signal.SIGKILL)
        before = written()
        assert 1 <= len(before) < 8, before
        table = run()
        assert (table["state"] == "done").all(), table["error"].tolist()
        assert before.items() <= written().items(), "nothing is done twice"
        assert len(bucket.find("bucket/out")) == 9, "eight results, the manifest, and nothing half done"
        server.stop()
    """

run_alone = pytest.mark.skipif("POSEKIT_EXTRAS" not in os.environ, reason="installs an environment for each: make test-extras")


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", folder, root)
    (wheel,) = folder.glob("*.whl")
    return wheel


def uv(*arguments):
    subprocess.run([Path(sys.executable).with_name("uv"), *arguments], check=True)


def test_every_extra_has_its_use(project):
    assert set(USES) == {"", *project["project"]["optional-dependencies"]} - {"all"}


@pytest.mark.slow
def test_the_wheel_carries_the_samples_and_nothing_else_of_the_clone(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"posekit/py.typed", "posekit/data/squats.mp4", "posekit/data/squats.json", "posekit_lab.py"} <= names
    folders = {name.split("/")[0] for name in names}
    assert {name for name in folders if not name.endswith((".dist-info", ".data"))} == {"posekit", "posekit_lab.py"}
    (setting,) = [name for name in names if ".data/" in name]
    assert setting.endswith(".data/data/etc/jupyter/jupyter_server_config.d/posekit_lab.json")
    data = {Path(name).suffix for name in names if name.startswith("posekit/data/")}
    assert data == {".jpg", ".png", ".webp", ".mp4", ".json", ".md"}, "no renderer"
    assert not [name for name in names if name.endswith(".tflite")]


@pytest.mark.slow
def test_the_wheel_works_alone(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = "import posekit; print(posekit.sample('person')); print(posekit.models.folder())"
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path / "installed"), "HOME": str(tmp_path)}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    sample, folder = run.stdout.split()
    assert sample == str(tmp_path / "installed" / "posekit" / "data" / "person.png")
    assert folder.startswith(str(tmp_path)), "outside a clone, models are kept in the user's cache"


@pytest.mark.slow
@run_alone
@pytest.mark.parametrize("extra", USES)
def test_an_extra_works_when_it_is_installed_alone(extra, wheel, root, tmp_path):
    run_in_fresh_environment(USES[extra], tmp_path, root, f"posekit[{extra}] @ {wheel.as_uri()}", "-c", root / "constraints.txt")


@pytest.mark.slow
@run_alone
@pytest.mark.skipif(sys.platform == "win32", reason="kills a group of processes")
def test_a_bucket_is_read_and_written_and_a_run_that_is_killed_goes_on(wheel, root, tmp_path):
    """Not with our constraints: botocore pins an older python-dateutil."""
    run_in_fresh_environment(BUCKET, tmp_path, root, f"posekit[batch] @ {wheel.as_uri()}", "s3fs", "moto[s3,server]")


def run_in_fresh_environment(code, folder, root, *packages):
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
    uv("pip", "install", "--quiet", "--python", python, *packages)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"POSEKIT_MODELS": str(root / "models")}
    (folder / "use.py").write_text("import posekit\nassert 'site-packages' in posekit.__file__\n" + textwrap.dedent(code))
    subprocess.run([python, "use.py"], cwd=folder, env=environment, check=True, timeout=600)
