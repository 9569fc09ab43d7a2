"""Clips of all kinds, made by FFmpeg's program, and compared with what the program itself shows."""

import gc
import re

import cv2
import numpy as np
import pytest

from posekit import VideoError, read_video

av = pytest.importorskip("av")

PICTURE = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=1 "

NOISE = "-f lavfi -i nullsrc=size=64x48:rate=25:duration=1,geq=random(1)*255:128:128 "

#: Name of the clip: what FFmpeg is told, after the picture. {base} is an H.264 clip.
CODECS = {
    "h264.mp4": "-c:v libx264 -pix_fmt yuv420p",
    "h264_b.mkv": "-c:v libx264 -bf 3 -pix_fmt yuv420p",
    "h264_intra.mov": "-c:v libx264 -g 1 -pix_fmt yuv420p",
    "h264_444.mp4": "-c:v libx264 -pix_fmt yuv444p",
    "h264_10bit.mp4": "-c:v libx264 -pix_fmt yuv420p10le",
    "h264_gray.mp4": "-c:v libx264 -pix_fmt gray",
    "h264_full_range.mp4": "-c:v libx264 -pix_fmt yuvj420p",
    "h264_interlaced.ts": "-c:v libx264 -flags +ilme+ildct -x264opts tff=1 -pix_fmt yuv420p",
    "h264.flv": "-c:v libx264 -pix_fmt yuv420p",
    "h264.ts": "-c:v libx264 -pix_fmt yuv420p",
    "h264.m2ts": "-c:v libx264 -pix_fmt yuv420p",
    "h264.3gp": "-c:v libx264 -pix_fmt yuv420p",
    "h264.h264": "-c:v libx264 -bf 0 -pix_fmt yuv420p",
    "h264_b_30.h264": "-r 30 -c:v libx264 -bf 2 -pix_fmt yuv420p",
    "hevc_50.hevc": "-r 50 -c:v libx265 -x265-params log-level=none -pix_fmt yuv420p",
    "hevc.h265": "-r 24000/1001 -c:v libx265 -x265-params log-level=none -pix_fmt yuv420p -f hevc",
    "rv20.rm": "-c:v rv20",
    "h264_fragments.mp4": "-c:v libx264 -pix_fmt yuv420p -movflags +frag_keyframe+empty_moov",
    "h264_no_edits.mp4": "-c:v libx264 -pix_fmt yuv420p -use_editlist 0",
    "hevc.mp4": "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p",
    "hevc_10bit.mkv": "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p10le",
    "vp8.webm": "-c:v libvpx -b:v 1M",
    "vp8_alternate.webm": "-c:v libvpx -b:v 1M -auto-alt-ref 1 -lag-in-frames 10",
    "vp9.webm": "-c:v libvpx-vp9 -b:v 1M",
    "vp9_444.webm": "-c:v libvpx-vp9 -b:v 1M -pix_fmt yuv444p",
    "h264_b.avi": "-c:v libx264 -bf 3 -pix_fmt yuv420p",
    "mpeg4.avi": "-c:v mpeg4 -q:v 3",
    "mpeg4_b.avi": "-c:v mpeg4 -q:v 3 -bf 2",
    "mpeg4.mov": "-c:v mpeg4 -q:v 3",
    "msmpeg4.avi": "-c:v msmpeg4 -q:v 3",
    "wmv2.wmv": "-c:v wmv2 -q:v 3",
    "flv1.flv": "-c:v flv -q:v 3",
    "mpeg1.mpg": "-c:v mpeg1video -q:v 3",
    "mpeg2.mpg": "-c:v mpeg2video -q:v 3 -bf 2",
    "mpeg2.ts": "-c:v mpeg2video -q:v 3",
    "mpeg2.mxf": "-c:v mpeg2video -q:v 3",
    "mjpeg.avi": "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p",
    "mjpeg.mov": "-c:v mjpeg -q:v 3 -pix_fmt yuvj422p",
    "prores.mov": "-c:v prores_ks -pix_fmt yuv422p10le",
    "prores_4444.mov": "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le",
    "ffv1.mkv": "-c:v ffv1",
    "huffyuv.avi": "-c:v huffyuv",
    "png.mov": "-c:v png",
    "tiff.mov": "-c:v tiff",
    "qtrle.mov": "-c:v qtrle",
    "raw.avi": "-c:v rawvideo -pix_fmt yuv420p",
    "raw.nut": "-c:v rawvideo -pix_fmt rgb24",
    "raw.y4m": "-pix_fmt yuv420p",
    "cinepak.avi": "-c:v cinepak",
    "gif.gif": "",
    "apng.apng": "",
    "odd_size.mkv": "-vf crop=63:47:0:0:exact=1 -c:v ffv1 -pix_fmt yuv444p",
}
RATES = {
    "rate_1.mp4": "-r 1 -c:v libx264 -pix_fmt yuv420p",
    "rate_ntsc.mp4": "-r 30000/1001 -c:v libx264 -pix_fmt yuv420p",
    "rate_film.mkv": "-r 24000/1001 -c:v libx264 -pix_fmt yuv420p",
    "rate_60.ts": "-r 60 -c:v libx264 -pix_fmt yuv420p",
    "rate_240.mp4": "-r 240 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
    "rate_10.gif": "-r 10",
    "variable.mp4": "-vf select='not(eq(mod(n,5),2))' -fps_mode vfr -c:v libx264 -pix_fmt yuv420p",
    "variable.mkv": "-vf setpts='N*N/500/TB' -fps_mode vfr -c:v libx264 -pix_fmt yuv420p",
    "variable.ts": "-vf select='not(eq(mod(n,5),2))' -fps_mode vfr -c:v libx264 -pix_fmt yuv420p",
    "variable.gif": "-vf select='not(eq(mod(n,5),2))' -fps_mode vfr",
}
STARTS = {
    "start_10.mkv": "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 10",
    "start_5.mp4": "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 5",
    "start_3600.ts": "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 3600",
    "start_at_wrap.ts": "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 95441.9",
    "start_7.flv": "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 7",
}
TURNS = {
    f"turn_{degrees}{flip}.mp4": f"-display_rotation {degrees} {' '.join(f'-display_{each}' for each in flip.split('_') if each)} "
    for degrees in (0, 90, 180, 270)
    for flip in ("", "_hflip", "_vflip", "_hflip_vflip")
}
ASPECTS = {
    "aspect_wide.mp4": ("-vf setsar=16/11 -c:v libx264 -pix_fmt yuv420p", 16 / 11),
    "aspect_tall.mkv": ("-vf setsar=8/9 -c:v libx264 -pix_fmt yuv420p", 8 / 9),
    "aspect.mpg": ("-aspect 16:9 -c:v mpeg2video -q:v 3", 16 / 9 / (64 / 48)),
    "aspect.mov": ("-vf setsar=2/1 -c:v prores_ks -pix_fmt yuv422p10le", 2),
}


def same(seen, expected):
    """Whether each frame is the expected one, not its neighbour. Colours are interpolated differently from program to program."""
    seen, expected = (np.array([gray(frame) for frame in frames]) for frames in (seen, expected))
    apart = np.array([np.abs(expected - frame).mean(axis=(1, 2)) for frame in seen])
    return bool((apart.diagonal() < 8).all() and (apart.diagonal() <= apart.min(axis=1) + 0.1).all())


def gray(frame):
    small = cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(float)


def check(clip, ffmpeg, stream="0:v:0"):
    """The frames and times are FFmpeg's, and there are as many as the clip says."""
    video = read_video(clip)
    frames, times = ffmpeg.frames(clip, video.size, stream)
    seen = list(video.timed())
    assert len(seen) == len(frames)
    assert np.abs(np.array([time for time, _ in seen]) - times).max() < 0.002
    assert same([frame for _, frame in seen], frames)
    return video


@pytest.mark.slow
@pytest.mark.parametrize("name", CODECS | RATES | STARTS)
def test_frames_and_times_are_ffmpeg_s(ffmpeg, tmp_path, name):
    ffmpeg(PICTURE, (CODECS | RATES | STARTS)[name], tmp_path / name)
    video = check(tmp_path / name, ffmpeg)
    assert len(video) == sum(1 for _ in video)
    assert next(video.timed())[0] < 0.1
    assert video.notes == []


@pytest.mark.slow
@pytest.mark.parametrize("name", TURNS)
def test_turns_and_mirrors_are_ffmpeg_s(ffmpeg, base, tmp_path, name):
    ffmpeg(TURNS[name], "-i", base, "-c copy", tmp_path / name)
    video = check(tmp_path / name, ffmpeg)
    assert video.size == ((48, 64) if "90" in name or "270" in name else (64, 48))


@pytest.mark.slow
@pytest.mark.parametrize("name", ASPECTS)
def test_the_pixel_aspect_is_known(ffmpeg, tmp_path, name):
    words, aspect = ASPECTS[name]
    ffmpeg(PICTURE, words, tmp_path / name)
    assert float(check(tmp_path / name, ffmpeg).pixel_aspect) == pytest.approx(aspect, rel=0.01)


def test_the_pixel_aspect_turns_with_the_picture(ffmpeg, tmp_path):
    ffmpeg(PICTURE, "-vf setsar=2/1 -c:v libx264 -pix_fmt yuv420p", tmp_path / "wide.mp4")
    ffmpeg("-display_rotation 90 -i", tmp_path / "wide.mp4", "-c copy", tmp_path / "turned.mp4")
    assert read_video(tmp_path / "turned.mp4").pixel_aspect == 1 / read_video(tmp_path / "wide.mp4").pixel_aspect


@pytest.mark.parametrize("seconds", ["0.5", "0.7"])
def test_a_clip_that_was_trimmed_without_encoding_is_whole(ffmpeg, base, tmp_path, seconds):
    ffmpeg("-ss", seconds, "-i", base, "-c copy", tmp_path / "trimmed.mp4")
    video = check(tmp_path / "trimmed.mp4", ffmpeg)
    assert len(video) == sum(1 for _ in video) < 25
    assert video.notes == []


@pytest.mark.slow
@pytest.mark.parametrize("codec", ["libx264 -bf 3", "mpeg4 -bf 2 -q:v 3"])
def test_an_avi_that_counts_empty_ticks_has_the_clip_s_times_and_rate(ffmpeg, tmp_path, codec):
    """FFmpeg counts 600 per second there, and its last frames have no time of their own."""
    ffmpeg(PICTURE, f"-c:v {codec} -pix_fmt yuv420p", tmp_path / "clip.mp4")
    ffmpeg("-i", tmp_path / "clip.mp4", "-c copy", tmp_path / "copied.avi")
    video = check(tmp_path / "copied.avi", ffmpeg)
    assert (video.fps, len(video)) == (25, 25)


def test_a_clip_whose_clock_is_coarser_than_its_frames_says_so(ffmpeg, tmp_path):
    ffmpeg(PICTURE, "-c:v libx264 -pix_fmt yuv420p -enc_time_base 1/7 -fps_mode passthrough -bf 0", tmp_path / "coarse.mkv")
    video = read_video(tmp_path / "coarse.mkv")
    seen = [time for time, _ in video.timed()]
    frames, times = ffmpeg.frames(tmp_path / "coarse.mkv", video.size)
    assert len(seen) == len(frames)
    assert np.abs(np.array(seen) - times).max() < 1 / 7
    assert (np.diff(seen) > 0).all()
    assert re.search("frames have the same time as the previous one", str(video.notes))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_clip_that_lost_packets_has_ffmpeg_s_times_or_says_so(ffmpeg, tmp_path, seed):
    ffmpeg(PICTURE, "-c:v libx264 -bf 2 -g 12 -pix_fmt yuv420p", tmp_path / "whole.mkv")
    drop = rf"noise=drop=gt(n\,0)*lt(mod(n*7+{seed}*5\,11)\,3)"
    ffmpeg("-i", tmp_path / "whole.mkv", f"-c copy -bsf:v {drop}", tmp_path / "lossy.mkv")
    video = read_video(tmp_path / "lossy.mkv")
    seen = [time for time, _ in video.timed()]
    frames, times = ffmpeg.frames(tmp_path / "lossy.mkv", video.size)
    assert len(seen) == len(frames) < 25
    assert np.abs(np.array(seen) - times).max() < 0.002 or video.notes


@pytest.mark.parametrize("name", ["slow.mp4", "slow.mkv"])
def test_a_frame_every_thousand_seconds_is_not_a_gap(ffmpeg, tmp_path, name):
    picture = "-f lavfi -i testsrc2=size=64x48:rate=1/1000:duration=5000"
    ffmpeg(picture, "-c:v libx264 -pix_fmt yuv420p", tmp_path / name)
    assert check(tmp_path / name, ffmpeg).notes == []


def test_a_clip_that_is_encrypted_is_not_passed_off_as_whole(ffmpeg, base, tmp_path):
    """Its key differs from run to run, so occasionally something decodes."""
    key = "-encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb"
    ffmpeg("-i", base, "-c copy", key, "-encryption_kid a7e61c373e219033c21091fa607bf3b8", tmp_path / "locked.mp4")
    said = ""
    try:
        video = read_video(tmp_path / "locked.mp4")
    except VideoError as error:
        said = str(error)
    if said:
        assert re.search(r"no frames that can be read.*damaged packets.*or it is encrypted", said)
    else:
        assert len(until_error(video)[0]) < 25
        assert "damaged packet" in str(video.notes)


COVER = "-f lavfi -i color=red:size=200x200:duration=0.04 "


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cover.mkv", "cover.mp4"])
def test_a_cover_is_not_the_clip(ffmpeg, tmp_path, name):
    words = "-map 1:v -map 0:v -c:v:0 mjpeg -pix_fmt:v:0 yuvj420p -c:v:1 libx264 -pix_fmt:v:1 yuv420p"
    ffmpeg(PICTURE, COVER, words, "-disposition:v:0 attached_pic" if name == "cover.mp4" else "", tmp_path / name)
    assert read_video(tmp_path / name).size == (64, 48)
    assert len(check(tmp_path / name, ffmpeg, "0:v:1" if name == "cover.mkv" else "0:v:0")) == 25


def test_of_several_clips_the_default_is_taken(ffmpeg, tmp_path):
    words = "-map 0 -map 1 -c:v libx264 -pix_fmt yuv420p -disposition:v:0 0 -disposition:v:1 default"
    ffmpeg(PICTURE, "-f lavfi -i testsrc2=size=96x64:rate=25:duration=1", words, tmp_path / "two.mkv")
    assert check(tmp_path / "two.mkv", ffmpeg, "0:v:1").size == (96, 64)


def test_a_rotation_that_is_not_a_right_angle_is_reported(ffmpeg, base, tmp_path):
    ffmpeg("-display_rotation 30 -i", base, "-c copy", tmp_path / "turn.mp4")
    video = read_video(tmp_path / "turn.mp4")
    assert sum(1 for _ in video) == 25
    assert video.size == (64, 48)
    assert video.notes == ["it is to be rotated by 30°; it is rotated by the nearest right angle"]


def test_a_song_with_a_cover_is_not_a_clip(ffmpeg, tmp_path):
    ffmpeg("-f lavfi -i sine=duration=1", COVER, "-map 0 -map 1 -c:v png -disposition:v attached_pic", tmp_path / "song.m4a")
    with pytest.raises(VideoError, match="has no clip in it, only a cover picture and audio"):
        read_video(tmp_path / "song.m4a")


def joined(ffmpeg, tmp_path, name, *offsets, words="-c:v libx264 -pix_fmt yuv420p"):
    """Recordings of a second each, one after the other in one file, as `cat` joins them."""
    for number, offset in enumerate(offsets):
        ffmpeg(PICTURE, words, f"-output_ts_offset {offset}", tmp_path / f"{number}_{name}")
    (tmp_path / name).write_bytes(b"".join((tmp_path / f"{number}_{name}").read_bytes() for number in range(len(offsets))))
    return tmp_path / name


@pytest.mark.slow
@pytest.mark.parametrize(("second", "words"), [(0, "start again after 25 frames"), (7200, r"a gap of 2\.0 hours after 25 frames")])
def test_recordings_that_were_joined_follow_each_other(ffmpeg, tmp_path, second, words):
    video = read_video(joined(ffmpeg, tmp_path, "joined.ts", 0, second))
    times = [time for time, _ in video.timed()]
    assert np.abs(np.array(times) - np.arange(50) / 25).max() < 0.002
    assert len(video.notes) == 1
    assert re.search(words, video.notes[0])


@pytest.mark.slow
def test_a_gap_of_hours_is_bridged_and_a_long_still_is_not(ffmpeg, base, tmp_path):
    for seconds, expected in {30: 30.48, 7200: 1.0}.items():
        ffmpeg("-i", base, f"-c:v libx264 -vf setpts='PTS+gte(N,12)*{seconds}/TB' -fps_mode passthrough", tmp_path / "gap.mkv")
        video = read_video(tmp_path / "gap.mkv")
        times = [time for time, _ in video.timed()]
        assert len(times) == 25
        assert times[-1] == pytest.approx(expected, abs=0.6)
        assert len(video.notes) == (seconds > 600)


@pytest.mark.slow
def test_frames_of_another_size_are_scaled_to_the_first_one_s(ffmpeg, tmp_path):
    for number, size in enumerate(("64x48", "96x96")):
        words = f"-f lavfi -i testsrc2=size={size}:rate=25:duration=1 -c:v libx264 -pix_fmt yuv420p"
        ffmpeg(words, f"-output_ts_offset {number}", tmp_path / f"{number}.ts")
    (tmp_path / "sizes.ts").write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    video = read_video(tmp_path / "sizes.ts")
    assert {frame.shape for frame in video} == {(48, 64, 3)}
    assert sum(1 for _ in video) == 50
    assert any("scaled to the first one's, 64×48" in note for note in video.notes)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["h264.mkv", "h264.ts", "mpeg4.avi", "h264.mp4"])
def test_damage_in_the_middle_costs_only_what_is_damaged(ffmpeg, tmp_path, name):
    codec = "mpeg4 -q:v 3" if "mpeg4" in name else "libx264"
    ffmpeg(PICTURE, f"-c:v {codec} -g 5 -pix_fmt yuv420p", tmp_path / name)
    content = bytearray((tmp_path / name).read_bytes())
    rng = np.random.default_rng(0)
    for place in rng.integers(len(content) // 3, len(content) // 2, 40):
        content[place] ^= 0xFF
    (tmp_path / name).write_bytes(content)
    video = read_video(tmp_path / name)
    frames, error = until_error(video)
    assert len(frames) == 25 or video.notes or error
    assert len(frames) > 5


def test_frames_are_counted_up_to_where_a_clip_breaks_off(ffmpeg, tmp_path):
    ffmpeg(PICTURE, "-c:v mjpeg -f mpjpeg", tmp_path / "clip.mpjpeg")
    video = read_video(tmp_path / "clip.mpjpeg")
    frames, error = until_error(video)
    assert "damaged after 25 frames" in error, "FFmpeg misses a last border"
    assert len(video) == len(frames) == 25


def until_error(video):
    """The frames that come, and the error that ends them, if one does."""
    frames = []
    try:
        for frame in video:
            frames.append(frame)
    except VideoError as error:
        return frames, str(error)
    return frames, ""


CUT = {
    "cut.mkv": "-c:v libx264 -crf 10 -pix_fmt yuv420p -g 5 -cluster_time_limit 100",
    "cut.avi": "-c:v mpeg4 -q:v 3 -g 5",
    "cut.flv": "-c:v libx264 -crf 10 -pix_fmt yuv420p -g 5",
    "cut.mov": "-c:v libx264 -crf 10 -pix_fmt yuv420p -g 5 -movflags +faststart",
    "cut.webm": "-c:v libvpx -b:v 2M -g 5 -cluster_time_limit 100",
    "cut.mp4": "-c:v libx264 -crf 10 -pix_fmt yuv420p -g 5 -movflags +frag_keyframe+empty_moov",
    "cut.gif": "",
    "cut.apng": "",
    "cut.ts": "-c:v libx264 -crf 10 -pix_fmt yuv420p",
    "cut.m2ts": "-c:v mpeg2video -q:v 3",
    "cut.wmv": "-c:v wmv2 -q:v 3",
    "cut.ogv": "-c:v libtheora -q:v 7",
    "cut.ivf": "-c:v libvpx -b:v 2M",
    "cut.y4m": "-pix_fmt yuv420p",
    "cut.dv": "-s 720x576 -pix_fmt yuv420p",
    "cut.mjpeg": "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p",
    "cut.mxf": "-c:v mpeg2video -q:v 3",
    "cut.rm": "-c:v rv20 -q:v 3",
}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.6, 0.93])
@pytest.mark.parametrize("name", CUT)
def test_a_clip_that_was_cut_off_gives_what_it_has_and_says_so(ffmpeg, tmp_path, name, share):
    ffmpeg(NOISE, CUT[name], tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * share) // 188 * 188 - 40])
    frames, error = until_error(read_video(tmp_path / name))
    assert re.search(r"breaks off|damaged after", error)
    assert 5 < len(frames) < 25 + (share > 0.9)


@pytest.mark.parametrize(("name", "words"), [("cut.avi", "-c:v mpeg4"), ("cut.mxf", "-c:v mpeg2video"), ("cut.apng", "")])
def test_a_clip_that_was_cut_off_before_its_last_picture_says_so(ffmpeg, tmp_path, name, words):
    ffmpeg(PICTURE, words, tmp_path / name)
    file = tmp_path / name
    with av.open(str(file)) as container:
        last = [packet.pos for packet in container.demux(video=0) if packet.size][-1]
    file.write_bytes(file.read_bytes()[:last])
    frames, error = until_error(read_video(file))
    assert len(frames) == 24
    assert re.search(r"breaks off.* 24", error)


@pytest.mark.parametrize(("matrix", "number"), [("ycgco", 8), ("bt2020c", 10)])
def test_colours_that_ffmpeg_cannot_convert_are_named(ffmpeg, tmp_path, matrix, number):
    ffmpeg(PICTURE, f"-vf format=yuv420p,setparams=colorspace={matrix} -c:v libx264", tmp_path / "clip.mp4")
    with pytest.raises(VideoError, match=rf"colours that FFmpeg cannot convert to RGB \(yuv420p, matrix {number} of"):
        read_video(tmp_path / "clip.mp4")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cut.flv", "cut.nut"])
def test_damage_at_the_end_costs_only_what_is_damaged(ffmpeg, tmp_path, name):
    """The frames before it are still in the decoder then, and in its threads."""
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=30:duration=2 -c:v libx264 -bf 2 -g 12 -pix_fmt yuv420p", tmp_path / name)
    content = (tmp_path / name).read_bytes()
    wrong = []
    for missing in range(40, 700, 60):
        (tmp_path / name).write_bytes(content[:-missing])
        video = read_video(tmp_path / name)
        found, error = until_error(video)
        frames, _ = ffmpeg.frames(tmp_path / name, (64, 48))
        if len(found) != len(frames) or not same(found, frames) or not (error or video.notes):
            wrong.append((missing, len(found), len(frames), error, video.notes))
    assert not wrong


@pytest.mark.slow
def test_frames_that_a_bare_stream_loses_at_its_end_are_reported(ffmpeg, tmp_path):
    """It has neither a length nor times: only the decoder can tell. Half a frame of HEVC it shows in silence."""
    file = tmp_path / "cut.hevc"
    ffmpeg(PICTURE, "-c:v libx265 -x265-params log-level=none -g 12 -pix_fmt yuv420p", file)
    content, told = file.read_bytes(), 0
    for missing in range(1, len(content) // 2, len(content) // 20):
        file.write_bytes(content[:-missing])
        video = read_video(file)
        frames = list(video)
        assert len(frames) == len(ffmpeg.frames(file, (64, 48))[0])
        assert ("1 frame could not be read" in video.notes) == (len(video) > len(frames))
        told += len(video.notes)
    assert told


@pytest.mark.slow
@pytest.mark.parametrize("missing", [50, 1000, 5000])
def test_the_rate_of_an_avi_that_breaks_off_is_not_that_of_what_its_index_has_left(ffmpeg, tmp_path, missing):
    ffmpeg("-f lavfi -i testsrc2=size=64x48:rate=30:duration=2 -c:v mpeg4 -q:v 3", tmp_path / "cut.avi")
    (tmp_path / "cut.avi").write_bytes((tmp_path / "cut.avi").read_bytes()[:-missing])
    video = read_video(tmp_path / "cut.avi")
    frames, _ = until_error(video)
    assert video.fps == 30
    assert len(video) == len(frames) == len(ffmpeg.frames(tmp_path / "cut.avi", (64, 48))[0])


def test_gifs_that_were_joined_count_all_their_frames(ffmpeg, tmp_path):
    for rate in (10, 25):
        ffmpeg(f"-f lavfi -i testsrc2=size=64x48:rate={rate}:duration=1", tmp_path / f"{rate}.gif")
    (tmp_path / "both.gif").write_bytes((tmp_path / "10.gif").read_bytes() + (tmp_path / "25.gif").read_bytes())
    video = check(tmp_path / "both.gif", ffmpeg)
    assert len(video) == len(list(video)) == 35


def test_an_mp4_that_ends_before_its_index_says_so(ffmpeg, base, tmp_path):
    content = base.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: content.index(b"moov") - 100])
    with pytest.raises(VideoError, match=r"breaks off before its index \(moov\), which a camera writes last"):
        read_video(tmp_path / "cut.mp4")


@pytest.mark.slow
def test_frames_that_were_read_leave_the_memory_at_once(base):
    """They do not wait for the garbage collector: with a large clip that would take hundreds of megabytes."""
    import av

    def frames():
        return sum(isinstance(each, av.VideoFrame) for each in gc.get_objects())

    video = read_video(base)
    gc.collect()
    before = frames()  # of other tests
    gc.disable()
    try:
        for _ in video:
            pass
        assert frames() < before + 5
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("start", [0.02, 0.5, 0.96, 3.0])
def test_a_clip_from_a_time_on_has_the_frames_of_the_whole(base, start):
    """The key frame before `start` is up to 12 frames away, and frames refer to later ones."""
    clip = read_video(base)
    assert clip.seeks
    expected = [(time, frame) for time, frame in clip.timed() if time >= start]
    found = list(clip.timed(start))
    assert [time for time, _ in found] == [time for time, _ in expected]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(found, expected, strict=True))
