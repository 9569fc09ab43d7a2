# %% 1: both bars
bar = 256 - round(1080 * 256 / 1920)

# %% 1: the shorter side becomes 256
bar = (round(1920 * 256 / 1080) - 256) // 2

# %% 1: Lightning's square
bar = (192 - round(1080 * 192 / 1920)) // 2

# %% 2: the name is not swapped
selfie = image[:, ::-1].copy()
hand = model(selfie).xy[0, 10]

# %% 2: the place in the picture that is not mirrored
hand = model(image).xy[0, 10]

# %% 2: the shoulder
hand = model(selfie)[0]["left_shoulder"]


# %% 3: higher means a larger y
def arm_raised(pose):
    return any(pose[f"{side}_wrist"].y > pose[f"{side}_shoulder"].y for side in ("left", "right"))


# %% 3: the right arm only
def arm_raised(pose):
    wrist = pose["right_wrist"]
    return wrist.y < pose["right_shoulder"].y and wrist.score >= 0.3


# %% 3: doubtful wrists count
def arm_raised(pose):
    return any(pose[f"{side}_wrist"].y < pose[f"{side}_shoulder"].y for side in ("left", "right"))


# %% 3: always
def arm_raised(pose):
    return True
