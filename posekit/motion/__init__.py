"""Poses → answers: joint angles, repetitions of an exercise, postures."""
