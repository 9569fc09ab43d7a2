# %% 1: too good
lowest = 90

# %% 1: too bad
lowest = 10

# %% 1: no step of 10
lowest = 55


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
