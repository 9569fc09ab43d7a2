"""FFmpeg's own program, which makes clips for the tests, and is the oracle for their content."""

import os
import re
import subprocess

import numpy as np


class FFmpeg:
    """The program of PyPI's imageio-ffmpeg: it makes the clips, and says what is in them."""

    def __init__(self, program):
        self._program = program

    def __call__(self, *arguments, said=False):
        """Runs it, and returns what it printed, on stderr if `said`."""
        words = [word for each in arguments for word in (each.split() if isinstance(each, str) else [str(each)])]
        command = [self._program, "-nostdin", "-hide_banner", "-loglevel", "info" if said else "error", "-y", *words]
        run = subprocess.run(command, check=True, capture_output=True, timeout=60)
        return (run.stdout, run.stderr.decode(errors="replace")) if said else run.stdout

    def frames(self, clip, size, stream="0:v:0"):
        """The frames of a clip, (n, height, width, 3), and their times."""
        raw, said = self("-i", clip, f"-map {stream} -vf showinfo -fps_mode passthrough -f rawvideo -pix_fmt rgb24 -", said=True)
        frames = np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], 3)
        return frames, [float(time) for time in re.findall(r"\bpts_time:(\S+)", said)][: len(frames)]

    def sound(self, clip, rate=48000):
        """The sound of a clip, one channel, −1…1, silence where there is none; and the times of its pictures."""
        picture, sound = "-map 0:v:0 -vf showinfo -fps_mode passthrough -f null", f"-af aresample={rate}:async=1:first_pts=0 -ac 1"
        raw, said = self("-i", clip, picture, os.devnull, f"-map 0:a:0 {sound} -f f32le -", said=True)
        return np.frombuffer(raw, np.float32), np.array([float(time) for time in re.findall(r"\bpts_time:(\S+)", said)])
