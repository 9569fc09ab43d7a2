import base64
import io
import os
import socket
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

import posekit
from posekit import ImageError, Region, read_image
from posekit.errors import TooLargeError, UnknownFormatError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)

#: Four fields like `four`, encoded once with libheif: nothing that writes HEIC may be a dependency, since x265 is GPL.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVVtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABeQABAAAAAAAAAIcAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1WlwcnAAAAC2"
    "aXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAA"
    "HpAGECCy3UklNc3AQ0GBAAADABkAAAMAAQhiAAEACEQBwXKGDAIkAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAGAAAABAAAAAEHBp"
    "eGkAAAAAAwgICAAAABdpcG1hAAAAAAAAAAEAAQSBAgMEAAAAj21kYXQAAACDKAGvE4DmqHDT//4mlH/9OueH6eSaqijF/Ybj/7D5f/MARB4PUmpa"
    "XQOL5fYg8UhOQktP/9cYMj+EJ7/7EmEzXpEf9CJc2OuONeJQCaSgDFpliRYim1wFsEiMR9Y/rtDQNwUNrs+gzFLgswUoHCHof8DaVLsfof9zTU9D"
    "0csp2ylUksA="
)


@pytest.fixture
def four():
    """Four fields, as large as a photo's block artefacts allow: red, green / blue, white."""
    image = np.zeros((64, 96, 3), np.uint8)
    image[:32, :48], image[:32, 48:], image[32:, :48], image[32:, 48:] = RED, GREEN, BLUE, WHITE
    return image


def encoded(image, kind, **options):
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, kind, **options)
    return file.getvalue()


def close(a, b, tolerance=8):
    return a.shape == b.shape and np.abs(a.astype(int) - b).mean() < tolerance


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF", "WEBP", "JPEG", "AVIF", "JPEG2000"])
def test_reads_each_format(four, kind):
    assert close(read_image(encoded(four, kind)), four)


def test_reads_heic_as_phones_write_it():
    image = read_image(HEIC)
    assert image.shape == (64, 96, 3)
    for y, x, colour in ((8, 8, RED), (8, 80, GREEN), (50, 8, BLUE), (50, 80, WHITE)):
        assert np.abs(image[y, x].astype(int) - colour).max() < 12


def test_reads_from_everywhere(four, tmp_path):
    path = tmp_path / "two.dots.png"
    path.write_bytes(content := encoded(four, "PNG"))
    for source in (
        path,
        str(path),
        content,
        bytearray(content),
        memoryview(content),
        io.BytesIO(content),
        Image.fromarray(four),
        four,
    ):
        np.testing.assert_array_equal(read_image(source), four)
    with path.open("rb") as file:
        np.testing.assert_array_equal(read_image(file), four)


def test_reads_an_upload_of_ipywidgets_7_and_8(four):
    content = encoded(four, "PNG")
    eight = ({"name": "a.png", "type": "image/png", "size": len(content), "content": memoryview(content)},)
    seven = {"a.png": {"metadata": {"name": "a.png"}, "content": content}}
    for value in (eight, seven, eight[0]):
        np.testing.assert_array_equal(read_image(value), four)
    for nothing in ((), {}):
        with pytest.raises(ImageError, match="nothing was uploaded yet"):
            read_image(nothing)


@pytest.fixture
def server(four):
    """A web server on loopback: a picture, a page, a file without end, and answers that go wrong."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/silent":
                over.wait(60)
            self.send_response(404 if self.path == "/missing" else 200)
            if self.path == "/half":
                self.send_header("Content-Length", "1000000")
            if self.path == "/garbled":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(b"<html>" if self.path == "/page" else encoded(four, "PNG"))
            if self.path == "/large":
                self.wfile.write(b"0" * 5000)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        over.set()
        running.shutdown()


def test_reads_an_address(server, four, monkeypatch):
    np.testing.assert_array_equal(read_image(f"{server}/picture"), four)
    with pytest.raises(ImageError, match="not a picture"):
        read_image(f"{server}/page")
    monkeypatch.setattr("posekit.image.MAX_DOWNLOAD", 4000)
    with pytest.raises(ImageError, match="larger than"):
        read_image(f"{server}/large")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "the host answers 404 Not Found"),
        ("half", "the download broke off in the middle"),
        ("garbled", "the host's answer is malformed"),
        ("silent", "no answer within 0.3 s"),
    ],
)
def test_a_failed_download_is_reported_in_plain_words(path, words, server, monkeypatch):
    monkeypatch.setattr("posekit.image.TIMEOUT", 0.3 if path == "silent" else 60)
    with pytest.raises(ImageError) as caught:
        read_image(f"{server}/{path}")
    assert str(caught.value) == f"cannot fetch {server}/{path}: {words}"


@pytest.mark.parametrize("address", ["http://", "http://[::1", "http://.x/", f"http://{'a' * 70}.b/", "http://127.0.0.1:99999/"])
def test_an_invalid_address(address):
    with pytest.raises(ImageError, match=r"cannot fetch http://"):
        read_image(address)


def test_an_address_where_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        with pytest.raises(ImageError, match=r"cannot fetch .*: the host refuses the connection"):
            read_image(f"http://127.0.0.1:{taken.getsockname()[1]}/picture.jpg")


# What EXIF says of the stored rows and columns (EXIF 2.32, tag 0x0112), undone by hand: stored → upright.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: a.transpose(1, 0, 2)[:, ::-1],
    7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda a: a.transpose(1, 0, 2)[::-1],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_turns_a_picture_upright_by_its_exif_mark(four, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(read_image(encoded(four, "PNG", exif=exif)), UPRIGHT[orientation](four))


def test_broken_exif_does_not_cost_the_picture(four):
    jpeg = encoded(four, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\xff garbage")
    assert close(read_image(jpeg), four)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I", "I;16", "F"])
def test_every_mode_of_pillow_becomes_rgb(mode):
    gray = np.repeat(np.linspace(0, 255, 96, dtype=np.uint8)[None], 64, axis=0)
    image = Image.fromarray(gray)
    if mode == "I;16":
        image = Image.fromarray(gray.astype(np.uint16) * 257)
    elif mode == "F":
        image = Image.fromarray(gray.astype(np.float32) / 255)
    else:
        image = image.convert("RGB").convert(mode) if mode in ("CMYK", "YCbCr") else image.convert(mode)
    result = read_image(image)
    assert result.dtype == np.uint8
    assert close(result, np.repeat(gray[..., None], 3, axis=2), 90 if mode == "1" else 4)


def test_sixteen_bit_png_keeps_its_brightness():
    gray = np.linspace(0, 65535, 96 * 64, dtype=np.uint16).reshape(64, 96)
    assert close(read_image(encoded(Image.fromarray(gray), "PNG"))[..., 0], (gray >> 8).astype(np.uint8), 1)


def test_transparent_parts_are_white(four):
    rgba = np.dstack([four, np.full(four.shape[:2], 255, np.uint8)])
    rgba[:32, :48, 3] = 0
    rgba[:32, 48:, 3] = 51  # a fifth of green, four fifths of white
    for image in (read_image(encoded(rgba, "PNG")), read_image(rgba)):
        assert image[0, 0].tolist() == [255, 255, 255]
        assert image[0, -1].tolist() == [204, 255, 204]
        assert image[-1, 0].tolist() == list(BLUE)


def test_an_animation_gives_its_first_picture(four):
    frames = [Image.fromarray(four), Image.fromarray(255 - four)]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert close(read_image(gif), four)


@pytest.mark.parametrize(
    ("array", "value"),
    [
        (np.full((4, 5), 7, np.uint8), 7),
        (np.full((4, 5, 1), 7, np.uint8), 7),
        (np.ones((4, 5), bool), 255),
        (np.full((4, 5, 3), 257 * 9, np.uint16), 9),
        (np.full((4, 5, 3), 0.2), 51),
        (np.full((4, 5, 3), 0.2, np.float32), 51),
        (np.full((4, 5, 3), 200, np.int64), 200),
    ],
)
def test_arrays_of_many_kinds(array, value):
    image = read_image(array)
    assert image.shape == (4, 5, 3)
    assert image.dtype == np.uint8
    assert (image == value).all()


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((4, 5, 3), np.nan), "NaN"),
        (np.full((4, 5, 3), np.inf), "NaN or infinite"),
        (np.full((4, 5, 3), 128.0), "0…1, got 128…128"),
        (np.full((4, 5, 3), -1, np.int32), "0…255, got -1"),
        (np.zeros((4, 5, 2), np.uint8), r"shape \(4, 5, 2\)"),
        (np.zeros((3, 40, 50), np.uint8), r"shape \(3, 40, 50\)"),
        (np.zeros((0, 5, 3), np.uint8), r"shape \(0, 5, 3\)"),
        (np.zeros(5, np.uint8), r"shape \(5,\)"),
        (np.zeros((4, 5, 3), complex), "complex"),
        (np.array([["a"]]), "numbers"),
    ],
)
def test_arrays_that_are_not_pictures(array, message):
    with pytest.raises(ImageError, match=message):
        read_image(array)


def test_other_objects_that_are_not_pictures(four, tmp_path):
    (tmp_path / "note.jpg").write_text("hello")
    (tmp_path / "empty.jpg").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    png = encoded(four, "PNG")
    for source, message in {
        tmp_path / "nothing.jpg": "no file",
        tmp_path: "is a folder",
        tmp_path / "note.jpg": "begins with 'hello'",
        tmp_path / "empty.jpg": "0 bytes",
        tmp_path / "pipe": "not an ordinary file",
        png[: len(png) // 2]: "damaged or cut short",
        b"\0\0\0\x1cftypheic" + b"junk" * 9: "damaged|not a picture",
        42: "cannot read a picture from int",
        (1, 2): "numbers go in as a numpy array",
    }.items():
        with pytest.raises(ImageError, match=message):
            read_image(source)
    with pytest.raises(ImageError, match="binary mode"):
        read_image(io.StringIO("text"))


def test_a_cut_photo_is_refused(person):
    jpeg = encoded(person, "JPEG")
    with pytest.raises(ImageError, match="cut short"):
        read_image(jpeg[: len(jpeg) // 2])


@pytest.mark.parametrize("side", [9_500, 20_000, 60_000])
def test_bombs_are_refused_before_they_unpack(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    png += struct.pack(">I", 4) + b"IDAT" + b"\0" * 8
    with pytest.raises(ImageError, match="million pixels"):
        read_image(png)


def test_programs_of_other_formats_are_not_started():
    with pytest.raises(ImageError, match="not a picture"):
        read_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\nshowpage\n")


def dot(width, height, x, y):
    """A soft white dot at (x, y) on black, in pixels from the upper left corner."""
    ys, xs = np.mgrid[:height, :width] + 0.5
    return np.repeat((255 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / 200))[..., None], 3, axis=2).astype(np.uint8)


def centre(square):
    """Centre of brightness, as a share of the square."""
    ys, xs = np.mgrid[: len(square), : len(square)] + 0.5
    light = square[..., 0].astype(float)
    return np.array([(xs * light).sum(), (ys * light).sum()]) / light.sum() / len(square)


@pytest.mark.parametrize("size", [192, 256])
@pytest.mark.parametrize(
    ("width", "height", "region"),
    [
        (640, 427, None),
        (427, 640, None),
        (640, 480, Region(200, 100, 300)),
        (640, 480, Region(-50, -20, 500)),
        (640, 480, Region(250, 150, 101)),
        (120, 90, None),
        (333, 1000, None),
    ],
)
def test_a_region_maps_back_where_it_was_cut(width, height, region, size):
    x, y = width * 0.47 + 0.3, height * 0.43 + 0.7
    square, scale, offset = (region or Region.whole((width, height))).cut(dot(width, height, x, y), size)
    assert square.shape == (size, size, 3)
    assert square.dtype == np.uint8
    np.testing.assert_allclose(
        centre(square) * scale + offset, (x, y), atol=0.5 * max(1, (region or Region(0, 0, width)).side / size)
    )


def test_a_letterbox_holds_the_whole_picture_and_pads_with_black():
    square, _, _ = Region.whole((640, 320)).cut(np.full((320, 640, 3), 200, np.uint8), 192)
    assert (square[48:144] == 200).all()
    assert (square[:48] == 0).all()
    assert (square[144:] == 0).all()


def test_shrinking_averages_so_that_fine_detail_does_not_become_noise():
    checks = (np.indices((960, 960)).sum(axis=0) % 2 * 255).astype(np.uint8)
    square, _, _ = Region.whole((960, 960)).cut(np.repeat(checks[..., None], 3, axis=2), 192)
    assert np.ptp(square.astype(int)) < 30


def test_a_region_around_points_holds_them_with_a_margin():
    points = np.array([[100, 100], [200, 300]], np.float32)
    region = Region.around(points, (640, 480))
    assert region == Region(20, 70, 260)
    assert Region.around(points[:1], (640, 480)).side == 16
    assert Region.around(np.array([[0, 0], [640, 480]], np.float32), (640, 480)).side == 640


def test_a_region_outside_the_picture_is_refused(person):
    with pytest.raises(ImageError, match="outside the picture"):
        Region(700, 0, 50).cut(person, 192)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_stricter_limit_of_pixels_counts_before_any_is_decoded(kind, monkeypatch):
    picture = encoded(np.zeros((30, 40, 3), np.uint8), kind)
    assert read_image(picture, max_pixels=1200).shape == (30, 40, 3)
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("decoded"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(TooLargeError, match=r"40×30 pixels: more than 0 million pixels; shrink it$"):
        read_image(picture, max_pixels=1199)


def test_an_icon_that_hides_a_large_picture_is_refused_where_pixels_are_counted():
    bomb = encoded(np.zeros((3000, 3000), np.uint8), "PNG")
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(bomb), 22)
    with pytest.raises(UnknownFormatError):
        read_image(struct.pack("<HHH", 0, 1, 1) + entry + bomb, max_pixels=1000)


def test_errors_are_value_errors_too():
    assert issubclass(ImageError, posekit.PosekitError)
    assert issubclass(posekit.PosekitError, ValueError)


def test_a_name_that_is_too_long_for_any_file_is_an_error_in_words():
    with pytest.raises(ImageError, match=r"cannot read x+"):
        read_image("x" * 5000 + ".png")
