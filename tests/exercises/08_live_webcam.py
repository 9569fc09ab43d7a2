# %% 1: too good
lowest = 90

# %% 1: too bad
lowest = 10

# %% 1: no step of 10
lowest = 55

# %% 1: nothing
lowest = None

# %% 1: a string
lowest = "50"

# %% 1: an empty list
lowest = []

# %% 1: a list
lowest = [50]

# %% 1: NaN
lowest = np.nan

# %% 1: an array
lowest = np.arange(10, 90, 10)

# %% 1: two of them
lowest = (40, 50)

# %% 1: a share
lowest = 0.5

# %% 1: one hundred
lowest = 100

# %% 1: zero
lowest = 0

# %% 1: a truth value
lowest = True


# %% 1: a function
def lowest(q):
    return q


# %% 1: negative
lowest = -50

# %% 1 right: loop
for q in range(80, 0, -10):
    points, _ = follow(frames[:60], quality=q)
    if np.linalg.norm(points - truth[:60], axis=2).mean() > 4.2:
        break
    lowest = q

# %% 1 right: float
lowest = float(lowest)

# %% 1 right: numpy
lowest = np.int64(lowest)


# %% 2: every frame
def count(poses):
    if len(poses) and poses[0]["left_wrist"].y < poses[0]["nose"].y:
        state["jumps"] += 1


# %% 2: nobody means down
def count(poses):
    up = len(poses) > 0 and poses[0]["left_wrist"].y < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: when the wrist comes down again
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y < poses[0]["nose"].y
    if state["up"] and not up:
        state["jumps"] += 1
    state["up"] = up


# %% 2: forgets what was before
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
        state["up"] = True


# %% 2: the right wrist
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["right_wrist"].y < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: either wrist
def count(poses):
    if len(poses) == 0:
        return
    up = min(poses[0]["left_wrist"].y, poses[0]["right_wrist"].y) < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: over the shoulder
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y < poses[0]["left_shoulder"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: everybody
def count(poses):
    for pose in poses:
        up = pose["left_wrist"].y < pose["nose"].y
        if up and not state["up"]:
            state["jumps"] += 1
        state["up"] = up


# %% 2: returns only
def count(poses):
    return 6


# %% 2: no empty
def count(poses):
    up = poses[0]["left_wrist"].y < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: higher means larger
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y > poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: hard coded
def count(poses):
    state["jumps"] = 6


# %% 2: string state
def count(poses):
    state["jumps"] = "6"


# %% 2: None count
count = None

# %% 2: number
count = 6


# %% 2: state replaced
def count(poses):
    global state
    state = {"jumps": state["jumps"] + 1}


state = {"jumps": 0, "up": False}


# %% 2: local variable
def count(poses):
    jumps = 0
    up = False
    if len(poses) and poses[0]["left_wrist"].y < poses[0]["nose"].y:
        jumps += 1


# %% 2: both wrists
def count(poses):
    if len(poses) == 0:
        return
    up = max(poses[0]["left_wrist"].y, poses[0]["right_wrist"].y) < poses[0]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: last person
def count(poses):
    if len(poses) == 0:
        return
    up = poses[-1]["left_wrist"].y < poses[-1]["nose"].y
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: x
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].x < poses[0]["nose"].x
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: counts two each
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y < poses[0]["nose"].y
    if up != state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2: one pixel height
def count(poses):
    if len(poses) == 0:
        return
    up = poses[0]["left_wrist"].y < 100
    if up and not state["up"]:
        state["jumps"] += 1
    state["up"] = up


# %% 2 right: arrays
def count(poses):
    if not len(poses):
        return
    up = bool(poses.xy[0, 9, 1] < poses.xy[0, 0, 1])
    state["jumps"] += up and not state["up"]
    state["up"] = up


# %% 2 right: numpy bool
def count(poses):
    for pose in poses[:1]:
        up = pose.xy[9, 1] < pose.xy[0, 1]
        if up and not state["up"]:
            state["jumps"] = state["jumps"] + 1
        state["up"] = up
