# %% 1: both bars
bar = 256 - round(1080 * 256 / 1920)

# %% 1: the shorter side becomes 256
bar = (round(1920 * 256 / 1080) - 256) // 2

# %% 1: Lightning's square
bar = (192 - round(1080 * 192 / 1920)) // 2

# %% 1: both bars, one by one
bar = (56, 56)

# %% 1: printed, not kept
bar = print((256 - round(1080 * 256 / 1920)) // 2)

# %% 2: the name is not swapped
selfie = image[:, ::-1].copy()
hand = model(selfie).xy[0, 10]

# %% 2: the place in the picture that is not mirrored
hand = model(image).xy[0, 10]

# %% 2: the name, not the place
hand = "left_wrist"

# %% 2: y first
hand = model(selfie)[0]["left_wrist"][1::-1]

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


# %% 3: the score of the right wrist only
def arm_raised(pose):
    left = pose["left_wrist"].y < pose["left_shoulder"].y
    return left or (pose["right_wrist"].y < pose["right_shoulder"].y and pose["right_wrist"].score >= 0.3)


# %% 3: the shoulder of the other side
def arm_raised(pose):
    sides = [("left", "right"), ("right", "left")]
    return any(pose[f"{a}_wrist"].y < pose[f"{b}_shoulder"].y and pose[f"{a}_wrist"].score >= 0.3 for a, b in sides)


# %% 3: always
def arm_raised(pose):
    return True


# %% 3: a threshold that is too low
def arm_raised(pose):
    sides = ("left", "right")
    return any(pose[f"{s}_wrist"].y < pose[f"{s}_shoulder"].y and pose[f"{s}_wrist"].score >= 0.2 for s in sides)


# %% 3: a threshold that is too high
def arm_raised(pose):
    sides = ("left", "right")
    return any(pose[f"{s}_wrist"].y < pose[f"{s}_shoulder"].y and pose[f"{s}_wrist"].score >= 0.5 for s in sides)
