import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from PIL import Image
from serving import encoded
from web.hostile import scans, tile, webp
from web.waiting import eventually

import posekit
from posekit.errors import TooLargeError, UnknownFormatError
from posekit.web import decoding
from posekit.web.decoding import Decoder, decode
from posekit.web.limits import BusyError


@pytest.fixture(scope="module")
def decoder():
    decoder = Decoder(2, deadline=60)  # slow machines are no test of this
    yield decoder
    decoder.close()


def shape(decoder, content, visitor="a"):
    with decoder.decoded(content, "photo.jpg", visitor) as image:
        return image.shape


@pytest.mark.slow
def test_it_decodes_what_read_image_reads(decoder, person):
    with decoder.decoded(encoded(person, "PNG"), "photo.txt", "a") as image:
        assert (image == person).all()


@pytest.mark.slow
def test_a_picture_is_what_its_content_says(decoder):
    with pytest.raises(UnknownFormatError, match=r"photo\.jpg is not a picture"):
        shape(decoder, b"MZ\x90\0")


@pytest.mark.slow
def test_a_librarys_warnings_about_a_file_stay_out_of_the_log(person, capfd):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x01\0\0"  # it announces two entries, and has one
    photo = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + encoded(person)[2:]
    with pytest.warns(UserWarning, match="EXIF"):
        decode(photo, "photo.jpg")
    decoder = Decoder(2, deadline=60)
    try:
        assert shape(decoder, photo) == person.shape
    finally:
        decoder.close()
    assert capfd.readouterr().err == ""


def test_pixels_are_counted_before_they_unpack():
    with pytest.raises(TooLargeError, match="51 million"):
        decode(encoded(Image.new("1", (8000, 8000)), "PNG"), "bomb.png")
    assert np.shape(decode(encoded(Image.new("RGB", (1, 1))), "dot.jpg")) == (1, 1, 3)


@pytest.mark.slow
def test_the_largest_photo_of_a_phone_is_decoded(decoder):
    for kind in ("JPEG", "PNG"):
        assert shape(decoder, encoded(Image.new("RGB", (8160, 6120)), kind)) == (6120, 8160, 3)


@pytest.mark.parametrize("kind", ["JPEG2000", "PPM", "ICO", "PCX", "TGA"])
def test_strangers_send_usual_formats_only(kind):
    with pytest.raises(UnknownFormatError):
        decode(encoded(Image.new("RGB", (32, 32)), kind), "photo")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_usual_formats_are_read(kind):
    assert decode(encoded(Image.new("RGB", (32, 24)), kind), "photo").shape == (24, 32, 3)


def test_a_jpeg_of_thousands_of_scans_is_refused_unread():
    assert decode(scans(3), "photo").shape == (64, 64, 3)
    with pytest.raises(posekit.ImageError, match=r"6\d{3} scans"):
        decode(scans(6000), "photo")


def test_a_small_tiff_in_a_huge_tile_is_refused_unread():
    with pytest.raises(TooLargeError, match="24000×24000"):
        decode(tile(24_000), "photo")


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no limit of memory elsewhere")
def test_a_decoder_that_wants_too_much_memory_is_refused_and_the_next_photo_is_decoded(decoder, person):
    """Their decoder takes up to 2 GB before it says how large the picture is."""
    for side in (7000, 16383, 7000, 16383):
        with pytest.raises(posekit.ImageError, match=r"memory|damaged|51 million"):
            shape(decoder, webp(side))
    assert decode(webp(8), "photo").shape == (8, 8, 3)  # it is one that can be read
    for _ in range(4):  # in both processes
        assert shape(decoder, encoded(person, "PNG")) == person.shape


def sleep_for_ever(*_):
    import time

    time.sleep(1000)


def compute_for_ever(*_):
    while True:
        pass


def crash(*_):
    os._exit(1)


@pytest.mark.slow
@pytest.mark.parametrize(("work", "words"), [(compute_for_ever, "takes more than 0.5 s"), (crash, "cannot be decoded")])
def test_a_decoder_that_takes_too_long_or_crashes_is_replaced(monkeypatch, work, words, person):
    decoder = Decoder(2, deadline=0.5)
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "_decode_into", work)
        for _ in range(2):
            with pytest.raises(posekit.ImageError, match=words):
                shape(decoder, b"")
    decoder._deadline = 60
    assert shape(decoder, encoded(person, "PNG")) == person.shape
    decoder.close()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows counts no seconds of a process; its limit is the clock")
def test_a_busy_computer_is_not_the_photos_fault(monkeypatch, person):
    decoder = Decoder(2, deadline=0.5)
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "PATIENCE", 2)
        patch.setattr(decoding, "_decode_into", sleep_for_ever)  # as a process does that gets no processor
        with pytest.raises(BusyError, match="too busy"):
            shape(decoder, b"")
    decoder._deadline = 60
    assert shape(decoder, encoded(person, "PNG")) == person.shape
    decoder.close()


@pytest.mark.slow
def test_one_visitor_does_not_keep_out_another(monkeypatch, person):
    """A visitor whose photos take for ever has one process at a time; the other process is for the others."""
    decoder = Decoder(2, deadline=600)
    with ThreadPoolExecutor(4) as hostile:
        with monkeypatch.context() as patch:
            patch.setattr(decoding, "_decode_into", sleep_for_ever)
            stuck = [hostile.submit(shape, decoder, b"", "hostile") for _ in range(4)]
            assert eventually(lambda: len(decoder._futures))  # it has a process
        assert shape(decoder, encoded(person, "PNG"), "neighbour") == person.shape
        assert not stuck[0].done()
        decoder.close()
    for each in stuck:  # nobody waits for ever
        assert isinstance(each.exception(), posekit.PosekitError)


@pytest.mark.slow
def test_one_large_photo_is_in_memory_at_a_time(decoder, monkeypatch, person):
    monkeypatch.setattr(decoding, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(decoding, "LARGE_TIMEOUT", 600)
    large, small = encoded(person, "PNG"), encoded(person[:20, :20], "PNG")
    with ThreadPoolExecutor(1) as other:
        with decoder.decoded(large, "large", "a"):
            with monkeypatch.context() as impatient:
                impatient.setattr(decoding, "LARGE_TIMEOUT", 0)
                with pytest.raises(BusyError, match="large photos"):
                    shape(decoder, large, "c")
            second = other.submit(shape, decoder, large, "b")
            assert shape(decoder, small, "a") == shape(decoder, small, "c") == (20, 20, 3)
            assert not second.done()
        assert second.result(60) == person.shape


@pytest.mark.slow
def test_pixels_come_through_a_pipe_where_there_is_no_shared_memory(decoder, monkeypatch, person):
    monkeypatch.setattr(decoding, "_has_shared_memory", lambda: False)
    with decoder.decoded(encoded(person, "PNG"), "photo", "a") as image:
        assert (image == person).all()


def test_a_harmless_jpeg_is_decoded_without_a_process(person):
    decoder = Decoder(2)
    decoder.close()
    content = encoded(person)
    with decoder.decoded(content, "photo", "a") as image:
        assert (image == posekit.read_image(content)).all()


@pytest.mark.slow
def test_closing_ends_the_processes(person):
    decoder = Decoder(2)
    before = set(psutil.Process().children(recursive=True))
    with decoder.decoded(encoded(person, "PNG"), "photo", "a"):
        pass
    mine = set(psutil.Process().children(recursive=True)) - before
    decoder.close()
    assert mine
    assert not [each for each in psutil.wait_procs(mine, timeout=60)[1] if "spawn_main" in " ".join(each.cmdline())]
