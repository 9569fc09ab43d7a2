import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from models.test_download import (
    NPM_404,
    PAYLOAD,
    WEB_PAGE,
    Hosts,
    body,
    endless,
    fake_npm,
    half,
    hang,
    hang_midway,
    hang_up,
    link,
    sparse_bomb,
    stand_in,
    status,
    tarball,
)

from posekit import DownloadError, PosekitError, UnknownModelError, load_model
from posekit.models import download
from posekit.models import store as models
from posekit.models.catalogue import Weights
from posekit.models.weights import Converter

#: The model that the official path is tested with. npm does not have it, so nothing else is tried.
NAME = "lightning-int8"

#: From coreutils' sha256sum.
PAYLOAD_SHA256 = "a1c9054e858d96148d6242003d65436f3c8b3e72deab4b28371dde5bdbaf6181"
SHA256 = {
    b"graph": "eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d",
    b"weights": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
    b"graphweights": "e814e4e36a7a301f3911b1ee711295a206b8be436e937f9fadab5786479b36bd",
    b"my own model": "346949e9bf6d2221c3e800481467b04cc26322e2bef8aa186913900ab4cb982c",
}

ARCHIVE = tarball(("4.tflite", PAYLOAD))

#: What a process of its own needs to know: the address of the hosts comes as its argument.
FETCH = f"""
import os, sys
from dataclasses import replace
from posekit.models import store as models
models.KAGGLE, models.TFHUB = sys.argv[1] + "/kaggle", sys.argv[1] + "/tfhub"
models.CATALOGUE["{NAME}"] = replace(models.CATALOGUE["{NAME}"], sha256="{PAYLOAD_SHA256}")
print("ready", flush=True)
print(models.fetch("{NAME}"))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of models, empty. The system's temporary folder is not used, since nobody sweeps it after a kill."""
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))  # for other processes
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    yield tmp_path / "models"
    assert not list(tmp_path.glob("models/.scratch-*")), "the scratch folder was left behind"


@pytest.fixture
def hosts(folder, monkeypatch):
    """Both official hosts on loopback: /kaggle and /tfhub. `NAME` stands for `PAYLOAD` there."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setitem(models.CATALOGUE, NAME, replace(models.CATALOGUE[NAME], sha256=PAYLOAD_SHA256))
    with Hosts() as hosts:
        monkeypatch.setattr(models, "KAGGLE", f"{hosts.address}/kaggle")
        monkeypatch.setattr(models, "TFHUB", f"{hosts.address}/tfhub")
        yield hosts


def files(folder):
    """All files of the folder, hidden ones too, but for the lock."""
    return {str(file.relative_to(folder)) for file in folder.rglob("*")} - {".lock"}


def put(folder, content, record=None):
    folder.mkdir(exist_ok=True)
    (folder / f"{NAME}.tflite").write_bytes(content)
    if record is not None:
        (folder / f"{NAME}.json").write_text(json.dumps(record))


def start(hosts):
    """Another process that fetches `NAME`."""
    return subprocess.Popen([sys.executable, "-c", FETCH, hosts.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# The official hosts


def test_kaggle_is_asked_first_and_enough(hosts, folder):
    hosts.answers["kaggle"] = body(ARCHIVE)
    file = models.fetch(NAME)
    assert file == folder / "lightning-int8.tflite"
    assert file.read_bytes() == PAYLOAD
    assert hosts.asked == ["/kaggle/singlepose-lightning-tflite-int8/1/download"]
    assert models.status(NAME) == "official"


def test_kaggles_redirect_to_its_storage_is_followed(hosts):
    hosts.answers["kaggle"] = status(302, Location="/storage/archive.tar.gz")
    hosts.answers["storage"] = body(ARCHIVE)
    assert models.fetch(NAME).read_bytes() == PAYLOAD


def test_tfhub_is_asked_where_kaggle_fails(hosts, folder):
    hosts.answers["tfhub"] = body(PAYLOAD)
    assert models.fetch(NAME).read_bytes() == PAYLOAD
    assert hosts.asked[1:] == ["/tfhub/singlepose/lightning/tflite/int8/4?lite-format=tflite"]
    assert models.provenance(models.path(NAME))["source"] == f"{hosts.address}{hosts.asked[1]}"


@pytest.mark.parametrize(
    ("name", "slug", "hub"),
    [
        ("lightning", "singlepose-lightning-tflite-float16", "singlepose/lightning/tflite/float16/4"),
        ("thunder", "singlepose-thunder-tflite-float16", "singlepose/thunder/tflite/float16/4"),
        ("multipose", "multipose-lightning-tflite-float16", "multipose/lightning/tflite/float16/1"),
        ("lightning-int8", "singlepose-lightning-tflite-int8", "singlepose/lightning/tflite/int8/4"),
        ("thunder-int8", "singlepose-thunder-tflite-int8", "singlepose/thunder/tflite/int8/4"),
    ],
)
def test_each_model_is_asked_for_under_its_official_addresses(name, slug, hub, hosts, monkeypatch):
    monkeypatch.setitem(models.CATALOGUE, name, replace(models.CATALOGUE[name], weights=None))
    with pytest.raises(DownloadError):
        models.fetch(name)
    assert hosts.asked == [f"/kaggle/{slug}/1/download", f"/tfhub/{hub}?lite-format=tflite"]


def test_the_official_hosts_are_the_official_ones():
    assert models.KAGGLE == "https://www.kaggle.com/api/v1/models/google/movenet/tfLite"
    assert models.TFHUB == "https://tfhub.dev/google/lite-model/movenet"


def test_multipose_comes_under_another_name_in_its_archive(hosts, monkeypatch):
    entry = replace(models.CATALOGUE["multipose"], sha256=PAYLOAD_SHA256, weights=None)
    monkeypatch.setitem(models.CATALOGUE, "multipose", entry)
    hosts.answers["kaggle"] = body(tarball(("4.tflite", b"another"), ("1.tflite", PAYLOAD)))
    assert models.fetch("multipose").read_bytes() == PAYLOAD


def test_googles_own_int8_file_has_the_hash_of_the_catalogue_and_runs(root, folder):
    official = root.parent / "shared" / "data" / "models" / "movenet_lightning_int8_official.tflite"
    if not official.is_file():
        pytest.skip("the official file is not beside the repository")
    put(folder, official.read_bytes())
    assert models.status(NAME) == "official"
    assert load_model(NAME).input_size == 192
    assert models.CATALOGUE[NAME].bytes == official.stat().st_size


# Misbehaviour

MISBEHAVIOUR = {
    "404": (status(404), "the host answers 404 Not Found"),
    "an error of the server": (status(500), "the host answers 500 Internal Server Error"),
    "hang up": (hang_up, "the host closed the connection without an answer"),
    "half": (half(ARCHIVE), "the download broke off in the middle"),
    "endless": (endless, "more than 1 MB came, which no model has"),
}

BAD_ARCHIVES = {
    "empty": (b"", "an empty answer came, not a whole .tar.gz"),
    "web page": (WEB_PAGE, "a web page came, not a whole .tar.gz"),
    "a bare model": (PAYLOAD, "10,000 bytes came, not a whole .tar.gz"),
    "wrong hash": (tarball(("4.tflite", b"abc")), "what came has 3 bytes and sha256 ba7816bf8f01cfea"),
    "empty model": (tarball(("4.tflite", b"")), "what came is empty"),
    "web page inside": (tarball(("4.tflite", WEB_PAGE)), "what came is a web page, not a model"),
    "other model": (tarball(("5.tflite", PAYLOAD)), "the archive has no file 4.tflite"),
    "..": (tarball(("../4.tflite", PAYLOAD), (f"../models/{NAME}.tflite", PAYLOAD)), "the archive has no file 4.tflite"),
    "absolute": (tarball(("/4.tflite", PAYLOAD)), "the archive has no file 4.tflite"),
    "symlink": (link("4.tflite", tarfile.SYMTYPE, __file__), "the archive has no file 4.tflite"),
    "hard link": (link("4.tflite", tarfile.LNKTYPE, "elsewhere"), "the archive has no file 4.tflite"),
    "bomb": (tarball(("bomb", bytes(2**22)), ("4.tflite", PAYLOAD)), "the archive unpacks to more than 1 MB"),
    "bomb of holes": (sparse_bomb("4.tflite"), "the archive unpacks to more than 1 MB"),
}

BAD_FILES = {
    "empty": (b"", "what came is empty"),
    "web page": (WEB_PAGE, "what came is a web page, not a model"),
    "wrong hash": (b"abc", "what came has 3 bytes and sha256 ba7816bf8f01cfea"),
    "an archive": (ARCHIVE, "bytes and sha256"),
}


def cases(host, bodies):
    answers = {**MISBEHAVIOUR, **{name: (body(content), seen) for name, (content, seen) in bodies.items()}}
    return [pytest.param(host, answer, seen, id=f"{host}: {name}") for name, (answer, seen) in answers.items()]


@pytest.mark.parametrize(("host", "answer", "seen"), [*cases("kaggle", BAD_ARCHIVES), *cases("tfhub", BAD_FILES)])
def test_what_a_host_does_wrong_is_named_and_leaves_nothing(host, answer, seen, hosts, folder, monkeypatch):
    monkeypatch.setattr(download, "MAX_ARCHIVE_BYTES", 2**20)
    hosts.answers[host] = answer
    assert_fails(hosts, host, seen)
    assert files(folder) == set()
    assert {file.name for file in folder.parent.iterdir()} == {"models"}


@pytest.mark.slow
@pytest.mark.parametrize("answer", [hang, hang_midway])
def test_hosts_that_fall_silent_are_given_up_and_leave_nothing(answer, hosts, folder, monkeypatch):
    monkeypatch.setattr(download, "TIMEOUT", 0.3)
    hosts.answers.update(kaggle=answer, tfhub=answer)
    with pytest.raises(DownloadError) as caught:
        models.fetch(NAME)
    _, kaggle, tfhub, _ = str(caught.value).splitlines()
    assert kaggle.startswith(f"  {hosts.address}/kaggle/")
    assert tfhub.startswith(f"  {hosts.address}/tfhub/")
    assert kaggle.endswith(": no answer within 0.3 s")
    assert tfhub.endswith(": no answer within 0.3 s")
    assert files(folder) == set()


def assert_fails(hosts, host, seen):
    """The message says which source was tried and what it did, the other one's 404, and what to do."""
    with pytest.raises(DownloadError) as caught:
        models.fetch(NAME)
    other = {"kaggle": "tfhub", "tfhub": "kaggle"}[host]
    first, *tried, last = str(caught.value).splitlines()
    assert first == "cannot fetch the model lightning-int8, which exists at the official hosts only. What was tried:"
    assert len(tried) == 2
    assert seen in next(line for line in tried if line.startswith(f"  {hosts.address}/{host}/"))
    assert "404" in next(line for line in tried if line.startswith(f"  {hosts.address}/{other}/"))
    assert "POSEKIT_MODELS" in last
    assert models.status(NAME) == "missing"


def test_one_bad_host_does_not_cost_the_other(hosts):
    hosts.answers.update(kaggle=body(WEB_PAGE), tfhub=body(PAYLOAD))
    assert models.fetch(NAME).read_bytes() == PAYLOAD


def test_an_archive_writes_nothing_but_its_model(hosts, folder):
    hosts.answers["kaggle"] = body(tarball(("../../evil", b"evil"), (f"{folder}/evil", b"evil"), ("4.tflite", PAYLOAD)))
    models.fetch(NAME)
    assert files(folder) == {f"{NAME}.tflite", f"{NAME}.json"}
    assert {file.name for file in folder.parent.iterdir()} == {"models"}


# Processes that are killed, or come together


@pytest.mark.slow
def test_what_a_kill_in_the_middle_of_a_download_leaves_is_swept_by_the_next_run(hosts, folder):
    half_sent = threading.Event()

    def stall(request):
        body(ARCHIVE[: len(ARCHIVE) // 2], length=len(ARCHIVE))(request)
        request.wfile.flush()
        half_sent.set()
        hosts.over.wait(60)

    hosts.answers["kaggle"] = stall
    with start(hosts) as process:
        assert half_sent.wait(60)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert models.status(NAME) == "missing"
    assert list(folder.glob(".scratch-*/download")), "half of the archive"
    hosts.answers["kaggle"] = body(ARCHIVE)
    assert models.fetch(NAME).read_bytes() == PAYLOAD  # the lock died with its process
    assert files(folder) == {f"{NAME}.tflite", f"{NAME}.json"}, "the next run sweeps"


@pytest.mark.slow
@pytest.mark.parametrize("rename", [1, 2])
def test_a_kill_while_a_file_is_put_in_its_place_leaves_nothing_that_counts(rename, hosts, folder):
    """The record goes first, then the model; here the process dies just before the one or the other gets its name."""
    kill = f"""
import pathlib, signal
targets, replace_file = [], pathlib.Path.replace
def replace_or_die(self, target):
    targets.append(target)
    if len(targets) == {rename}:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace_file(self, target)
pathlib.Path.replace = replace_or_die
"""
    hosts.answers["kaggle"] = body(ARCHIVE)
    code = FETCH.replace("print(", f"{kill}\nprint(", 1)
    died = subprocess.run([sys.executable, "-c", code, hosts.address], capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert not (folder / f"{NAME}.tflite").exists()
    assert models.status(NAME) == "missing"
    assert models.fetch(NAME).read_bytes() == PAYLOAD
    assert files(folder) == {f"{NAME}.tflite", f"{NAME}.json"}  # what the dead one left beside them is gone


@pytest.mark.slow
def test_of_two_processes_at_once_one_downloads_and_both_get_the_file(hosts, folder):
    asked, go = threading.Event(), threading.Event()

    def answer(request):
        asked.set()
        go.wait(60)
        body(ARCHIVE)(request)

    hosts.answers["kaggle"] = answer
    with start(hosts) as first, start(hosts) as second:
        for process in (first, second):
            assert process.stdout.readline() == "ready\n"
        assert asked.wait(60)
        go.wait(0.5)  # time for the other one to ask too, if it were not kept waiting
        go.set()
        said = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert said == [f"{folder / NAME}.tflite\n"] * 2
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(hosts.asked) == 1
    assert models.path(NAME).read_bytes() == PAYLOAD


def test_of_two_threads_at_once_one_downloads(hosts):
    asked, go, got = threading.Event(), threading.Event(), []

    def answer(request):
        asked.set()
        go.wait(60)
        body(ARCHIVE)(request)

    hosts.answers["kaggle"] = answer
    threads = [threading.Thread(target=lambda: got.append(models.fetch(NAME))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert asked.wait(60)
    go.wait(0.2)
    go.set()
    for thread in threads:
        thread.join(60)
    assert got == [models.path(NAME)] * 2
    assert len(hosts.asked) == 1


# npm


@pytest.fixture
def weights(hosts, folder, tmp_path, monkeypatch):
    """An npm that brings a package with the graph and the weights that the catalogue expects of lightning."""
    npm = "@vladmandic/human@3.3.6"
    expected = Weights(npm, 28, "movenet-lightning", graph=SHA256[b"graph"], weights=SHA256[b"weights"])
    monkeypatch.setitem(models.CATALOGUE, "lightning", replace(models.CATALOGUE["lightning"], weights=expected))
    package = tmp_path / "human.tgz"
    fake_npm(tmp_path / "bin", f'cp "{package}" "$4/vladmandic-human-3.3.6.tgz"', monkeypatch)

    def pack(graph=b"graph", weights=b"weights"):
        inside = "package/models/movenet-lightning"
        package.write_bytes(tarball((f"{inside}.json", graph), (f"{inside}.bin", weights)))

    pack()
    return pack


@pytest.fixture
def converter(monkeypatch):
    """Stands in for TensorFlow, which takes seconds: the model is the two files, one after the other."""

    def convert(converter, graph, weights, target):
        if target.suffix:
            target.write_bytes(graph + weights)
        else:
            target.mkdir()
            (target / "saved_model.pb").write_bytes(graph + weights)
        return {"converter": "tensorflow 2.99"}

    monkeypatch.setattr(Converter, "start", lambda converter: None)
    monkeypatch.setattr(Converter, "convert", convert)


def test_npm_is_asked_where_both_hosts_fail_and_a_line_says_so(hosts, folder, weights, converter, capsys):
    file = models.fetch("lightning")
    lines = [line for line in capsys.readouterr().err.splitlines() if "same weights" in line]
    answer = "the host answers 404 Not Found"
    assert lines == [f"lightning: Kaggle failed ({answer}); the same weights come from npm @vladmandic/human@3.3.6 (28 MB)"]
    assert file.read_bytes() == b"graphweights"
    assert [path.split("/")[1] for path in hosts.asked] == ["kaggle", "tfhub"]
    assert models.status("lightning") == "converted"
    assert files(folder) == {"lightning.tflite", "lightning.json"}
    record = json.loads((folder / "lightning.json").read_text())
    assert datetime.now(timezone.utc) >= datetime.fromisoformat(record.pop("date"))
    assert record == {
        "model": "lightning",
        "licence": "Apache-2.0",
        "source": "npm @vladmandic/human@3.3.6",
        "weights_sha256": SHA256[b"weights"],
        "converter": "tensorflow 2.99",
        "sha256": SHA256[b"graphweights"],
        "bytes": 12,
    }


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"graph": b"Graph"}, "movenet-lightning.json has 5 bytes and sha256 "),
        ({"weights": b"weightz"}, "movenet-lightning.bin has 7 bytes and sha256 "),
        ({"weights": b""}, "movenet-lightning.bin is empty"),
    ],
)
def test_weights_with_a_wrong_hash_are_not_used(changed, seen, folder, weights, converter):
    weights(**changed)
    with pytest.raises(DownloadError, match=rf"  npm @vladmandic/human@3\.3\.6: {seen}"):
        models.fetch("lightning")
    with pytest.raises(DownloadError, match=rf"cannot make the SavedModel of lightning from npm [^ ]+: {seen}"):
        models.fetch_saved_model("lightning")
    assert files(folder) == set()


def test_where_all_three_fail_each_one_is_reported(hosts, folder, tmp_path, monkeypatch):
    (tmp_path / "said").write_text(NPM_404)
    fake_npm(tmp_path / "bin", f'cat "{tmp_path / "said"}" >&2; exit 1', monkeypatch)
    hosts.answers["tfhub"] = body(b"")
    with pytest.raises(DownloadError) as caught:
        models.fetch("lightning")
    first, kaggle, tfhub, npm, last = str(caught.value).splitlines()
    assert first == "cannot fetch the model lightning. What was tried:"
    assert kaggle.startswith(f"  {hosts.address}/kaggle/")
    assert "404" in kaggle
    assert tfhub.startswith(f"  {hosts.address}/tfhub/")
    assert tfhub.endswith("what came is empty")
    assert npm.startswith("  npm @vladmandic/human@3.3.6: npm could not fetch it: 404 Not Found")
    assert f"put lightning.tflite into {folder}" in last
    assert files(folder) == set()


@pytest.mark.slow
def test_weights_that_do_not_convert_leave_nothing(folder, weights, tmp_path, monkeypatch):
    stand_in(tmp_path, "__version__ = '2.0'", monkeypatch)
    with pytest.raises(DownloadError, match=r"the weights could not be converted: .*JSON"):
        models.fetch("lightning")
    assert files(folder) == set()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_the_real_npm_and_tensorflow_give_a_model_that_finds_the_sample_person(hosts, folder, person, person_xy):
    poses = load_model("lightning")(person)
    assert models.status("lightning") == "converted"
    assert len(hosts.asked) == 2  # in vain
    assert models.path("lightning").stat().st_size == pytest.approx(4_758_512, rel=0.02)  # Google's file: float16, too
    assert re.fullmatch(r"tensorflow 2\.\d+\.\d+", models.provenance(models.path("lightning"))["converter"])
    error = np.linalg.norm(poses.xy[0] - person_xy, axis=1).mean()
    assert error < 0.03 * max(poses.size)


# SavedModels


def test_a_saved_model_is_kept(hosts, folder, weights, converter):
    place = models.fetch_saved_model("lightning")
    assert place == folder / "lightning_saved_model"
    assert (place / "saved_model.pb").read_bytes() == b"graphweights"
    assert files(folder) == {"lightning_saved_model", "lightning_saved_model/saved_model.pb", "lightning_saved_model.json"}
    assert models.provenance(place)["source"] == "npm @vladmandic/human@3.3.6"
    assert models.provenance(place)["converter"] == "tensorflow 2.99"
    weights(weights=b"gone")
    assert models.fetch_saved_model("lightning") == place  # without asking again
    assert hosts.asked == []  # the official hosts have none


def test_there_is_no_saved_model_of_int8(folder):
    with pytest.raises(DownloadError, match=r"lightning-int8 exists as a TFLite file only; .*lightning, thunder and multipose"):
        models.fetch_saved_model(NAME)
    assert not folder.exists()


@pytest.mark.parametrize("step", ["replace", "rename"])
def test_a_full_disk_leaves_no_half_saved_model(step, folder, weights, converter, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(PosekitError, match=r"cannot write .*lightning_saved_model(\.json)?: No space left on device"):
        models.fetch_saved_model("lightning")
    assert files(folder) <= {"lightning_saved_model.json"}


def test_missing_tensorflow_is_noticed_before_anything_is_fetched(folder, weights, tmp_path, monkeypatch):
    fake_npm(tmp_path / "no", f'touch "{tmp_path / "asked"}"; exit 1', monkeypatch)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    words = r"its weights are converted by tensorflow, which is not installed: pip install -e .*\[convert\]"
    with pytest.raises(DownloadError, match=words):
        models.fetch("lightning")
    with pytest.raises(DownloadError, match=words):
        models.fetch_saved_model("lightning")
    assert not (tmp_path / "asked").exists()


# States


def test_a_file_that_is_here_is_not_fetched(hosts, folder):
    put(folder, PAYLOAD)
    assert models.status(NAME) == "official"
    assert models.fetch(NAME) == folder / f"{NAME}.tflite"
    assert hosts.asked == []
    assert files(folder) == {f"{NAME}.tflite"}


def test_a_file_with_the_hash_of_its_record_counts_as_converted(hosts, folder):
    put(folder, b"abc", {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})
    assert models.status(NAME) == "converted"
    assert models.fetch(NAME).read_bytes() == b"abc"
    assert hosts.asked == []


def test_the_record_says_where_a_file_is_from(hosts, folder):
    hosts.answers["kaggle"] = body(ARCHIVE)
    before = datetime.now(timezone.utc).replace(microsecond=0)
    file = models.fetch(NAME)
    record = json.loads((folder / f"{NAME}.json").read_text())
    assert models.provenance(file) == record
    assert before <= datetime.fromisoformat(record.pop("date")) <= datetime.now(timezone.utc)
    assert record == {
        "model": NAME,
        "licence": "Apache-2.0",
        "source": f"{hosts.address}/kaggle/singlepose-lightning-tflite-int8/1/download",
        "sha256": PAYLOAD_SHA256,
        "bytes": 10_000,
    }


@pytest.mark.parametrize("damaged", [PAYLOAD[:5000], b"", PAYLOAD[:-1] + b"!"], ids=["half", "empty", "one byte"])
def test_a_damaged_file_is_fetched_again(damaged, hosts, folder):
    put(folder, damaged, {"sha256": PAYLOAD_SHA256})
    assert models.status(NAME) == "damaged"
    hosts.answers["kaggle"] = body(ARCHIVE)
    assert models.fetch(NAME).read_bytes() == PAYLOAD
    assert models.status(NAME) == "official"


def test_a_damaged_file_is_not_handed_out_where_no_host_answers(hosts, folder):
    put(folder, PAYLOAD[:5000], {"sha256": PAYLOAD_SHA256})
    with pytest.raises(DownloadError, match=rf"^{re.escape(str(models.path(NAME)))} is damaged: .* cannot fetch"):
        models.fetch(NAME)
    assert models.status(NAME) == "damaged"


@pytest.mark.parametrize("record", [None, {}, [], "text"])
def test_a_file_that_is_not_ours_is_left_alone(record, hosts, folder):
    put(folder, b"my own model", record)
    hosts.answers["kaggle"] = body(ARCHIVE)
    assert models.status(NAME) == "foreign"
    with pytest.raises(DownloadError) as caught:
        models.fetch(NAME)
    assert models.path(NAME).read_bytes() == b"my own model"
    assert hosts.asked == []
    assert f"{folder / NAME}.tflite is not the official {NAME} (its sha256 is {SHA256[b'my own model']})" in str(caught.value)
    assert f"no {NAME}.json" in str(caught.value)
    assert "move it away" in str(caught.value)


DAMAGED_RECORDS = [b"\xff{", b"", b"[1", b'{"sha256"', b"[" * 100_000, b"null", b"{}"]


@pytest.mark.parametrize("record", DAMAGED_RECORDS)
def test_a_damaged_record_beside_a_model_heals(record, hosts, folder, monkeypatch):
    """The file is hashed anew, and from then on damage to it is noticed again."""
    content = b"1234TFL3" + bytes(9_992)
    monkeypatch.setitem(models.CATALOGUE, NAME, replace(models.CATALOGUE[NAME], bytes=10_100))
    put(folder, content)
    (folder / f"{NAME}.json").write_bytes(record)
    assert models.status(NAME) == "converted"
    assert models.fetch(NAME).read_bytes() == content
    assert hosts.asked == []
    healed = models.provenance(models.path(NAME))
    assert healed["sha256"] == hashlib.sha256(content).hexdigest()
    assert healed["source"] == "unknown, since its record was damaged"
    put(folder, content[:-1] + b"!")
    assert models.status(NAME) == "damaged"


def test_a_damaged_record_in_a_folder_that_can_only_be_read_does_no_harm(hosts, folder, monkeypatch):
    put(folder, PAYLOAD)
    (folder / f"{NAME}.json").write_bytes(b"")
    monkeypatch.setattr("posekit.atomic.write_bytes", lambda *_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
    assert models.fetch(NAME).read_bytes() == PAYLOAD


@pytest.mark.parametrize("record", DAMAGED_RECORDS)
def test_a_damaged_record_does_not_vouch_for_what_cannot_be_the_model(record, folder):
    put(folder, b"my own model")
    (folder / f"{NAME}.json").write_bytes(record)
    assert models.provenance(models.path(NAME)) == {}
    assert models.status(NAME) == "foreign"


def test_a_record_without_its_file_counts_as_nothing(folder):
    folder.mkdir()
    (folder / f"{NAME}.json").write_text(json.dumps({"sha256": PAYLOAD_SHA256}))
    assert models.status(NAME) == "missing"


# Folders


def test_posekit_models_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "here"))
    assert models.folder() == tmp_path / "here"
    assert models.path("thunder") == tmp_path / "here" / "thunder.tflite"
    assert not (tmp_path / "here").exists()  # asking does not make it


def test_posekit_models_may_begin_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("POSEKIT_MODELS", "~/models")
    assert models.folder() == tmp_path / "models"


def test_posekit_models_may_not_lie_in_the_home_of_nobody(monkeypatch):
    monkeypatch.setenv("POSEKIT_MODELS", "~nobody-of-that-name/x")
    with pytest.raises(PosekitError, match=r"POSEKIT_MODELS is '~nobody-of-that-name/x', but there is no such user"):
        models.folder()


@pytest.mark.parametrize("named", [None, ""])
def test_a_clone_keeps_models_in_itself(named, root, monkeypatch):
    monkeypatch.delenv("POSEKIT_MODELS", raising=False)
    if named is not None:
        monkeypatch.setenv("POSEKIT_MODELS", named)
    monkeypatch.setattr(models, "__file__", str(root / "posekit" / "models" / "store.py"))
    assert models.folder() == root / "models"


def test_an_installed_wheel_keeps_models_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("POSEKIT_MODELS", raising=False)
    monkeypatch.setattr(models, "__file__", str(tmp_path / "site-packages" / "posekit" / "models" / "store.py"))
    (tmp_path / "site-packages" / "models").mkdir(parents=True)  # another package's
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    assert models.folder() == tmp_path / "cache" / "posekit" / "models"


def test_without_a_home_folder_posekit_models_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.delenv("POSEKIT_MODELS", raising=False)
    monkeypatch.setattr(models, "__file__", str(tmp_path / "site-packages" / "posekit" / "models" / "store.py"))
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("~") / ".cache" / name)
    with pytest.raises(PosekitError, match=r"no home folder .* POSEKIT_MODELS"):
        models.folder()


def test_a_folder_that_cannot_be_made_is_named(hosts, tmp_path, monkeypatch):
    """Below a regular file, since a folder's permissions do not bind root, and containers run tests as root."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSEKIT_MODELS", str(tmp_path / "file" / "models"))
    assert models.status(NAME) == "missing"
    with pytest.raises(PosekitError, match=r"cannot write to .*file/models: Not a directory; .* POSEKIT_MODELS"):
        models.fetch(NAME)
    with pytest.raises(PosekitError, match=r"cannot write to .*file/models: Not a directory; .* POSEKIT_MODELS"):
        models.fetch_saved_model("lightning")
    assert hosts.asked == []  # before anything is downloaded in vain


def test_a_folder_without_the_right_to_write_is_named(hosts, folder, monkeypatch):
    """Raised by hand, since a folder's permissions do not bind root."""
    import filelock

    def denied(self, *_, **__):
        raise PermissionError(13, "Permission denied", self.lock_file)

    monkeypatch.setattr(filelock.FileLock, "acquire", denied)
    with pytest.raises(PosekitError, match=r"cannot write to .*: Permission denied; .* POSEKIT_MODELS"):
        models.fetch(NAME)
    assert hosts.asked == []


def test_a_full_disk_leaves_no_half_file(hosts, folder, monkeypatch):
    write = Path.write_bytes

    def full(self, content):
        write(self, content[: len(content) // 2])
        if self.parent == folder and self.suffix == ".tflite":
            raise OSError(28, "No space left on device")
        return write(self, content)

    hosts.answers["kaggle"] = body(ARCHIVE)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PosekitError, match=rf"cannot write .*{NAME}\.tflite: No space left on device"):
        models.fetch(NAME)
    assert files(folder) == {f"{NAME}.json"}  # which alone counts as nothing
    assert models.status(NAME) == "missing"


def test_a_folder_that_can_only_be_read_serves(hosts, folder, monkeypatch):
    put(folder, PAYLOAD)
    monkeypatch.setattr(models, "locked", None)  # nothing may be locked, since nothing is written
    assert models.fetch(NAME).read_bytes() == PAYLOAD


# Names


@pytest.mark.parametrize("ask", [models.entry, models.path, models.status, models.fetch, models.fetch_saved_model])
def test_an_unknown_name_is_answered_with_the_nearest(ask, folder):
    with pytest.raises(UnknownModelError, match=r"there is no model 'lightening'; did you mean 'lightning'\? .*thunder-int8"):
        ask("lightening")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["../lightning", "", "Lightning", "lightning.tflite"])
def test_a_name_is_exact_and_not_a_path(name, folder):
    with pytest.raises(UnknownModelError, match=r"or the path of a \.tflite file"):
        models.fetch(name)


def test_a_file_that_cannot_be_read_is_explained(folder, monkeypatch):
    folder.mkdir()
    (folder / "lightning.tflite").write_bytes(b"x")

    def refuse(self):  # a stand-in for a file of somebody else: root, who may run this, can read them all
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(PosekitError, match=r"cannot read .*lightning\.tflite: Permission denied"):
        models.fetch("lightning")


def test_a_folder_in_a_model_s_place_is_named_before_anything_is_fetched(folder, hosts):
    (folder / f"{NAME}.tflite").mkdir(parents=True)
    with pytest.raises(PosekitError, match=rf"{NAME}\.tflite is a folder or a device.*move it away"):
        models.fetch(NAME)
    assert not hosts.asked
