"""From bones to a person: skin, hair, a face, clothes and shoes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from body import ANKLE, BALL_OF_FOOT, SIDES, Skeleton, Vector, place, unit
from light import rgb, smoothstep
from shapes import Array, Part, Solid, ball, cone

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """How somebody looks.

    Colours are "#rrggbb". `sleeve` is a part of the upper arm; `legs` of trousers are 1 at the knee and 2 at the ankle;
    `build` and `waist` widen, `scale` enlarges. `style` is bob, short, none or scarf; a `robe` hides arms and legs in wide cloth.
    """

    skin: str = "#e8b08c"
    hair: str = "#3b2417"
    shirt: str = "#ef6a4e"
    collar: str = "#d9553b"
    trousers: str = "#2b3a5e"
    shoes: str = "#3f7f86"
    soles: str = "#f1efe9"
    lips: str = "#b4533f"
    style: str = "bob"
    sleeve: float = 0.62
    legs: float = 0.88
    build: float = 1.0
    waist: float = 1.0
    scale: float = 1.0
    robe: bool = False


def colour(code: str, factor: float = 1.0) -> Colour:
    """A colour as numbers, darker or lighter by `factor`."""
    r, g, b = np.clip(rgb(code) * factor, 0, 1)
    return float(r), float(g), float(b)


def dress(body: Skeleton, look: Look, person: int = 0) -> list[Solid]:
    """All solids of a person, in the body's own unit of length."""
    solids = [_shirt(body, look), _head(body, look), _hair(body, look)]
    for name in SIDES:
        solids += [_arm(body, look, name), _leg(body, look, name), _shoe(body, look, name)]
        solids += [_trousers(body, look, name), _hand(body, look, name)]
    if look.robe:
        solids.append(_robe(body, look))
    for solid in solids:
        solid.person = person
    return solids


def _shirt(body: Skeleton, look: Look) -> Solid:
    p, chest, pelvis = body.points, body.frames["chest"], body.frames["pelvis"]
    wide, waist = look.build, look.waist
    fabric, trim = colour(look.shirt), colour(look.collar)
    at = place(p["chest"], chest)
    low = place(p["hips"], pelvis)
    left, up = chest[:, 0], pelvis[:, 0]
    parts = [
        cone(at(0, -0.04, 0.004), at(0, 0.105, -0.008), 0.112 * wide, 0.131 * wide, fabric, side=left,
             scale=(1, 0.75, 0.76), bone="trunk.chest"),
        cone(at(0, -0.03, 0), low(0, 0.12, 0.002), 0.102 * waist, 0.086 * waist, fabric, side=left, scale=(1, 1, 0.88),
             blend=0.07, bone="trunk.waist"),
        cone(low(0, 0.15, 0), low(0, -0.025, -0.008), 0.088 * waist, 0.168, fabric, side=up, scale=(1, 0.8, 0.76),
             blend=0.08, cut=(-1, 0.91), trim=(0.012, trim), bone="trunk.waist"),
        cone(at(0.09, 0.190, -0.016), at(-0.09, 0.190, -0.016), 0.052, 0.052, fabric, side=chest[:, 2], blend=0.07),
        cone(at(0, 0.236, -0.022), at(0, 0.19, -0.014), 0.052, 0.08, fabric, side=left, scale=(1, 1, 0.8), blend=0.06),
    ]  # fmt: skip
    for name, side in SIDES.items():
        shoulder, elbow = p[f"{name}_arm"], p[f"{name}_elbow"]
        parts.append(
            cone(at(side * 0.045, 0.232, -0.02), shoulder + chest @ [0, 0.004, 0], 0.036, 0.044, fabric, side=left, blend=0.05)
        )
        arm = elbow - shoulder
        hem = shoulder + arm * look.sleeve
        overlap = 0.03 / (0.03 + float(np.linalg.norm(hem - shoulder)))
        parts.append(cone(shoulder, hem + 0.03 * unit(arm), 0.047 * wide, 0.052 * wide, fabric, side=chest[:, 2],
                          blend=0.04, cut=(-1, 1 - overlap), trim=(0.015, trim), bone=f"{name}_upper"))  # fmt: skip
    neck = _neck(body, look)

    def collar(points: Array, colours: Array) -> Array:
        near = neck.distance(points) < 0.013
        colours[:, near] = np.array(trim, np.float32)[:, None]
        return colours

    return Solid(parts, collar, bone="trunk")


def _neck(body: Skeleton, look: Look) -> Part:
    p, head, chest = body.points, body.frames["head"], body.frames["chest"]
    base = p["chest"] + chest @ [0, 0.215, -0.014]
    return cone(p["head"] + head @ [0, -0.04, -0.012], base, 0.043 * look.build, 0.052 * look.build, colour(look.skin, 0.97),
                side=head[:, 0], blend=0.03, bone="neck")  # fmt: skip


def _head(body: Skeleton, look: Look) -> Solid:
    centre, frame = body.points["head"], body.frames["head"]
    skin = colour(look.skin)
    at = place(centre, frame)
    left = frame[:, 0]
    parts = [
        ball(at(0, 0.032, -0.008), (0.080, 0.092, 0.096), frame, skin, bone="head"),
        cone(at(0, 0.0, 0.022), at(0, -0.070, 0.040), 0.072, 0.043, skin, side=left, scale=(1, 1, 0.93), blend=0.03),
        cone(at(0, 0.012, 0.086), at(0, -0.021, 0.1045), 0.007, 0.0125, skin, side=left, blend=0.014),
        cone(at(0.009, -0.026, 0.094), at(-0.009, -0.026, 0.094), 0.009, 0.009, skin, side=frame[:, 2], blend=0.010),
    ]
    for side in (1, -1):
        parts.append(ball(at(side * 0.040, -0.030, 0.056), (0.030, 0.026, 0.028), frame, skin, blend=0.03))
        parts.append(ball(at(side * 0.083, -0.004, 0.000), (0.012, 0.031, 0.020), frame, colour(look.skin, 0.95), blend=0.008))
    parts.append(_neck(body, look))
    inverse, middle = frame.T.astype(np.float32), centre.astype(np.float32)[:, None]
    return Solid(parts, lambda points, colours: face(inverse @ (points - middle), colours, look), 0.10, 1.0, bone="head")


def face(at: Array, colours: Array, look: Look) -> Array:
    """Paint eyes, brows, mouth and cheeks onto the front of a head; `at` is in the head's own metres."""
    x, y, z = at
    front = z > 0.02
    mirrored = np.abs(x)

    def mix(amount: Array, code: str | Colour) -> None:
        paint = np.array(colour(code) if isinstance(code, str) else code, np.float32)[:, None]
        colours[:] += (paint - colours) * (np.clip(amount, 0, 1) * front)

    def oval(cx: float, cy: float, rx: float, ry: float, soft: float = 0.12) -> Array:
        return smoothstep(1 + soft, 1 - soft, np.hypot((mirrored - cx) / rx, (y - cy) / ry)).astype(np.float32)

    mix(oval(0.047, -0.030, 0.024, 0.019, 0.9) * 0.38, colour(look.lips, 1.25))
    mix(oval(0.0315, 0.013, 0.0245, 0.0175, 0.5) * 0.20, colour(look.skin, 0.55))
    mix(oval(0.0315, 0.011, 0.0185, 0.0128), "#fbf8f4")
    mix(oval(0.0312, 0.0112, 0.0108, 0.0118), "#2a1a14")
    mix(oval(0.0315, 0.0115, 0.0200, 0.0140) * smoothstep(0.0172, 0.0192, y + 60 * (mirrored - 0.0315) ** 2), "#1d120e")
    mix(smoothstep(0.0034, 0.0022, np.hypot(x - np.sign(x) * 0.0315 + 0.0035, y - 0.0150)), "#ffffff")
    arch = 0.0395 - 13 * (mirrored - 0.034) ** 2
    brow = smoothstep(0.0048, 0.0032, np.abs(y - arch)) * smoothstep(0.0225, 0.0195, np.abs(mirrored - 0.0335))
    mix(brow * 0.92, colour(look.hair, 0.8))
    mix(oval(0.0065, -0.0325, 0.0042, 0.0026, 0.5) * 0.4, colour(look.lips, 0.6))
    smile = -0.0640 + 16 * x * x
    mix(smoothstep(0.030, 0.025, mirrored) * smoothstep(0.0062, 0.0040, np.abs(y - smile + 0.003)) * 0.85, look.lips)
    mix(smoothstep(0.031, 0.028, mirrored) * smoothstep(0.0028, 0.0014, np.abs(y - smile)), colour(look.lips, 0.45))
    return colours


def _hair(body: Skeleton, look: Look) -> Solid:
    centre, frame = body.points["head"], body.frames["head"]
    tint = colour(look.hair)
    at = place(centre, frame)
    parts = [ball(at(0, 0.056, -0.026), (0.087, 0.085, 0.096), frame, tint, bone="head")]
    if look.style == "none":
        parts = [ball(at(0, 0.045, -0.03), (0.079, 0.080, 0.080), frame, colour(look.skin), bone="head")]
    elif look.style == "scarf":
        parts.append(ball(at(0, 0.018, -0.03), (0.098, 0.118, 0.092), frame, tint, blend=0.03))
        parts.append(cone(at(0, -0.06, -0.012), at(0, -0.17, -0.02), 0.075, 0.105, tint, side=frame[:, 0], blend=0.05))
    elif look.style == "bob":
        parts.append(cone(at(-0.038, 0.098, 0.046), at(0.052, 0.076, 0.050), 0.030, 0.020, tint, blend=0.03))
        parts.append(ball(at(0, 0.0, -0.056), (0.080, 0.078, 0.056), frame, tint, blend=0.04))
        parts.append(ball(at(0.0, 0.138, -0.062), (0.044, 0.042, 0.044), frame, tint, blend=0.012))
    else:
        parts.append(cone(at(-0.050, 0.100, 0.042), at(0.046, 0.112, 0.044), 0.027, 0.032, tint, blend=0.035))
        parts.append(ball(at(0, 0.01, -0.055), (0.079, 0.062, 0.052), frame, tint, blend=0.03))
    return Solid(parts, None, 0.10, bone="head")


def _robe(body: Skeleton, look: Look) -> Solid:
    """Wide cloth from the chest to the ankles and from the shoulders to the wrists."""
    p, cloth = body.points, colour(look.shirt)
    left = body.frames["pelvis"][:, 0]
    parts = [cone(p["chest"], p["hips"], 0.155, 0.185, cloth, side=left, scale=(1, 1, 0.78), bone="trunk.chest")]
    for name in SIDES:
        hip, knee, ankle, arm, elbow, wrist = (p[f"{name}_{j}"] for j in ("hip", "knee", "ankle", "arm", "elbow", "wrist"))
        parts.append(cone(hip, knee, 0.135, 0.125, cloth, blend=0.12, bone=f"{name}_thigh"))
        parts.append(cone(knee, ankle, 0.125, 0.135, cloth, blend=0.14, cut=(-1, 0.97), bone=f"{name}_shin"))
        parts.append(cone(arm, elbow, 0.072, 0.078, cloth, blend=0.05, bone=f"{name}_upper"))
        parts.append(cone(elbow, wrist, 0.078, 0.088, cloth, blend=0.03, cut=(-1, 0.96), bone=f"{name}_fore"))
    return Solid(parts, bone="trunk")


def _arm(body: Skeleton, look: Look, name: str) -> Solid:
    p = body.points
    shoulder, elbow, wrist = (p[f"{name}_{joint}"] for joint in ("arm", "elbow", "wrist"))
    skin, hand = colour(look.skin), body.frames[f"{name}_hand"]
    thick = look.build
    belly = elbow + (wrist - elbow) * 0.16
    parts = [
        cone(shoulder, elbow, 0.042 * thick, 0.036 * thick, skin, bone=f"{name}_upper"),
        cone(elbow, wrist, 0.0355 * thick, 0.0245, skin, blend=0.02, bone=f"{name}_fore"),
        cone(belly, elbow + (wrist - elbow) * 0.5, 0.0375 * thick, 0.0325 * thick, skin, blend=0.03),
        cone(wrist, wrist + 0.02 * hand[:, 1], 0.0245, 0.022, skin, side=hand[:, 0], scale=(1.1, 1, 0.9), blend=0.02),
    ]
    return Solid(parts, None, 0.06, 1.0, bone=f"{name}_fore")


def _hand(body: Skeleton, look: Look, name: str) -> Solid:
    """A palm, four fingers of two pieces, a thumb."""
    arm = body.points[f"{name}_wrist"]
    frame = body.frames[f"{name}_hand"]
    thumb, along, palm = frame.T
    skin = colour(look.skin)
    curl, spread = np.radians(body.grips[name])
    at = place(arm, frame)
    parts = [cone(at(0, 0.028, 0), at(0.002, 0.072, 0), 0.028, 0.036, skin, side=thumb, scale=(1, 0.6, 0.45), bone=f"{name}_hand")]
    for index, (x, length) in enumerate(((0.027, 0.066), (0.0095, 0.074), (-0.0085, 0.069), (-0.0255, 0.054))):
        fan = spread * (1.5 - index)
        straight = along * np.cos(fan) + thumb * np.sin(fan)
        first = straight * np.cos(curl) + palm * np.sin(curl)
        second = straight * np.cos(2.2 * curl) + palm * np.sin(2.2 * curl)
        knuckle = at(x, 0.082 - 6 * x * x, 0)
        middle = knuckle + first * length * 0.52
        parts.append(cone(knuckle, middle, 0.0108, 0.0098, skin, blend=0.008))
        parts.append(cone(middle, middle + second * length * 0.48, 0.0098, 0.0082, skin, blend=0.006))
    root = at(0.024, 0.026, 0.006)
    bend = root + unit(thumb * 0.75 + along + palm * 0.35) * 0.042
    parts.append(cone(root, bend, 0.0165, 0.0125, skin, blend=0.016))
    parts.append(cone(bend, bend + unit(thumb * 0.30 + along + palm * 0.25) * 0.030, 0.0122, 0.0098, skin, blend=0.006))
    return Solid(parts, None, 0.06, 1.0, bone=f"{name}_hand")


def _leg(body: Skeleton, look: Look, name: str) -> Solid:
    p = body.points
    hip, knee, ankle = (p[f"{name}_{joint}"] for joint in ("hip", "knee", "ankle"))
    skin = colour(look.skin)
    back = _behind(hip, knee, ankle, body.frames[f"{name}_foot"])
    calf = knee + (ankle - knee) * 0.27 + back * 0.018
    sock = colour(look.soles)
    parts = [
        cone(hip + (knee - hip) * 0.62, knee, 0.057, 0.0495, skin),
        cone(knee, ankle, 0.048, 0.033, skin, blend=0.02, bone=f"{name}_shin"),
        cone(calf, knee + (ankle - knee) * 0.62, 0.051, 0.036, skin, blend=0.03),
        cone(knee + (ankle - knee) * 0.83, ankle - [0, 0.02, 0], 0.0395, 0.039, sock, blend=0.004, cut=(0, 2)),
    ]
    return Solid(parts, None, 0.05, 1.0, bone=f"{name}_shin")


def _behind(hip: Vector, knee: Vector, ankle: Vector, foot: Vector) -> Vector:
    """The direction a calf bulges to."""
    shin = unit(ankle - knee)
    back = (hip - knee) / np.linalg.norm(hip - knee) + shin - 0.35 * foot[:, 2]
    return unit(back - shin * (shin @ back))


def _trousers(body: Skeleton, look: Look, name: str) -> Solid:
    p, pelvis = body.points, body.frames["pelvis"]
    hip, knee, ankle = (p[f"{name}_{joint}"] for joint in ("hip", "knee", "ankle"))
    cloth, side = colour(look.trousers), SIDES[name]
    at = place(p["hips"], pelvis)
    left = pelvis[:, 0]
    parts = [
        cone(at(0, 0.06, 0), at(0, -0.015, -0.004), 0.100, 0.130, cloth, side=left, scale=(1, 0.72, 0.74), bone="trunk.pelvis"),
        ball(at(side * 0.064, -0.040, -0.040), (0.080, 0.088, 0.078), pelvis, cloth, blend=0.03),
        ball(hip - left * (side * 0.026), (0.068, 0.068, 0.068), pelvis, cloth, blend=0.03),
    ]
    top = hip + (knee - hip) * 0.14 - left * (side * 0.022)
    band = (0.012, colour(look.trousers, 0.78))
    if look.legs <= 1:
        end = hip + (knee - hip) * look.legs
        parts.append(cone(top, end, 0.078, 0.068, cloth, side=left, blend=0.05, cut=(-1, 0.999), trim=band, bone=f"{name}_thigh"))
        return Solid(parts, bone="trunk")
    end = knee + (ankle - knee) * (look.legs - 1)
    back = _behind(hip, knee, ankle, body.frames[f"{name}_foot"])
    parts.append(cone(top, knee, 0.079, 0.060, cloth, side=left, blend=0.05, bone=f"{name}_thigh"))
    parts.append(cone(knee, end, 0.0595, 0.050, cloth, side=left, blend=0.03, cut=(-1, 0.999), trim=band, bone=f"{name}_shin"))
    parts.append(cone(knee + (ankle - knee) * 0.25 + back * 0.012, knee + (ankle - knee) * 0.55, 0.056, 0.045, cloth, blend=0.03))
    return Solid(parts, bone="trunk")


def _shoe(body: Skeleton, look: Look, name: str) -> Solid:
    ankle = body.points[f"{name}_ankle"]
    foot, toes = body.frames[f"{name}_foot"], body.frames[f"{name}_toes"]
    upper, sole = colour(look.shoes), colour(look.soles)
    at = place(ankle - foot[:, 1] * ANKLE, foot)  # from the point of the sole under the ankle
    ball_of_foot = at(0, 0, BALL_OF_FOOT)
    tip = place(ball_of_foot - toes[:, 2] * BALL_OF_FOOT, toes)
    inner = -SIDES[name]
    parts = [
        cone(
            at(0, 0.035, -0.032), at(0, 0.030, 0.10), 0.040, 0.042, upper, side=foot[:, 0], scale=(1, 1.1, 1), bone=f"{name}_foot"
        ),
        cone(
            at(0, 0.028, 0.10),
            tip(inner * 0.004, 0.024, 0.165),
            0.042,
            0.037,
            upper,
            side=foot[:, 0],
            scale=(1.06, 1, 0.8),
            blend=0.02,
        ),
        cone(at(0, 0.066, -0.006), at(0, 0.042, 0.055), 0.041, 0.040, upper, side=foot[:, 0], blend=0.03),
        cone(at(0, 0.012, -0.034), at(0, 0.012, 0.11), 0.044, 0.049, sole, side=foot[:, 0], scale=(1, 1, 0.34), blend=0.006),
        cone(
            at(0, 0.012, 0.11),
            tip(inner * 0.004, 0.012, 0.168),
            0.049,
            0.040,
            sole,
            side=foot[:, 0],
            scale=(1, 1, 0.34),
            blend=0.006,
        ),
    ]
    return Solid(parts, None, 0.04, bone=f"{name}_foot")
