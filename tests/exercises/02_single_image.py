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

# %% 1: nothing
bar = None

# %% 1: a string
bar = "56"

# %% 1: an empty list
bar = []

# %% 1: NaN
bar = np.nan

# %% 1: new width
bar = round(1080 * 256 / 1920)

# %% 1: factor
bar = 256 / 1920

# %% 1: unscaled
bar = (1920 - 1080) // 2

# %% 1: negative
bar = -56

# %% 1: zero
bar = 0

# %% 1: an array
bar = np.array([56, 56])

# %% 1: rows
bar = (256 - round(1920 * 256 / 1920)) // 2

# %% 1: quarter
bar = (256 - 144) / 4

# %% 1 right: float
bar = 256 / 2 - 1080 * 256 / 1920 / 2

# %% 1 right: counted
bar = int(
    (posekit.Region.whole((1080, 1920)).cut(np.full((1920, 1080, 3), 255, np.uint8), 256)[0][128, :128] == 0).all(axis=1).sum()
)

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

# %% 2: nothing
hand = None

# %% 2: an empty list
hand = []

# %% 2: NaN
hand = [np.nan, np.nan]

# %% 2: strings
hand = ("x", "y")

# %% 2: twice nothing
hand = (None, None)

# %% 2: all points
hand = model(selfie).xy

# %% 2: pose
hand = model(selfie)[0]

# %% 2: dict
hand = {"x": 423, "y": 93}

# %% 2: shares
hand = model(selfie)[0]["left_wrist"].x / width, model(selfie)[0]["left_wrist"].y / height if "height" in globals() else 0.2

# %% 2: elbow
hand = model(selfie)[0]["left_elbow"]

# %% 2: one number
hand = 423

# %% 2: two rows
hand = model(selfie).xy[0, 9:11]

# %% 2: width minus twice
hand = width - model(selfie)[0]["left_wrist"].x, model(selfie)[0]["left_wrist"].y

# %% 2: turned upside down
hand = model(selfie)[0]["left_wrist"].x, 480 - model(selfie)[0]["left_wrist"].y

# %% 2 right: a keypoint
hand = model(selfie)[0]["left_wrist"]

# %% 2 right: a list
hand = [float(v) for v in model(selfie).xy[0, 9]]

# %% 2 right: computed
k = model(image)[0]["right_wrist"]
hand = (width - k.x, k.y)

# %% 2 right: one row
hand = model(selfie).xy[:, 9]


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


# %% 3: nothing
arm_raised = None


# %% 3: never
def arm_raised(pose):
    return False


# %% 3: a string
def arm_raised(pose):
    return "yes"


# %% 3: a list
def arm_raised(pose):
    return []


# %% 3: an array
def arm_raised(pose):
    return pose.xy[[9, 10], 1] < pose.xy[[5, 6], 1]


# %% 3: ellipsis
def arm_raised(pose):
    return ...


# %% 3: both
def arm_raised(pose):
    return all(pose[f"{s}_wrist"].y < pose[f"{s}_shoulder"].y and pose[f"{s}_wrist"].score >= 0.3 for s in ("left", "right"))


# %% 3: nose
def arm_raised(pose):
    return any(pose[f"{s}_wrist"].y < pose["nose"].y and pose[f"{s}_wrist"].score >= 0.3 for s in ("left", "right"))


# %% 3: first only, returns in the loop
def arm_raised(pose):
    for side in ("left", "right"):
        wrist, shoulder = pose[f"{side}_wrist"], pose[f"{side}_shoulder"]
        if wrist.y < shoulder.y and wrist.score >= 0.3:
            return True
        return False


# %% 3: no return in the else, prints
def arm_raised(pose):
    print(any(pose[f"{s}_wrist"].y < pose[f"{s}_shoulder"].y for s in ("left", "right")))


# %% 3: numpy list pairs
def arm_raised(pose):
    return [pose[f"{s}_wrist"].y < pose[f"{s}_shoulder"].y for s in ("left", "right")]


# %% 3 right: numpy
def arm_raised(pose):
    return bool(((pose.xy[9:11, 1] < pose.xy[5:7, 1]) & (pose.score[9:11] >= 0.3)).any())


# %% 3 right: np bool
def arm_raised(pose):
    return ((pose.xy[9:11, 1] < pose.xy[5:7, 1]) & (pose.score[9:11] >= 0.3)).any()


# %% 3 right: or
def arm_raised(pose):
    l = pose["left_wrist"].y < pose["left_shoulder"].y and pose["left_wrist"].score > 0.3
    r = pose["right_wrist"].y < pose["right_shoulder"].y and pose["right_wrist"].score > 0.3
    return l or r
