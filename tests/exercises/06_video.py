# %% 1: from start to end
rows = track[track["keypoint"] == "left_wrist"]
travelled = float(np.hypot(rows["x"].iloc[-1] - rows["x"].iloc[0], rows["y"].iloc[-1] - rows["y"].iloc[0]))

# %% 1: the steps, not their sum
travelled = np.hypot(np.diff(rows["x"]), np.diff(rows["y"]))

# %% 1: x and y added
travelled = float(np.abs(np.diff(rows["x"])).sum() + np.abs(np.diff(rows["y"])).sum())

# %% 1: up and down only
travelled = float(np.abs(np.diff(rows["y"])).sum())

# %% 1: the other wrist
rows = track[track["keypoint"] == "right_wrist"]
travelled = float(np.hypot(np.diff(rows["x"]), np.diff(rows["y"])).sum())

# %% 1: the mean step
rows = track[track["keypoint"] == "left_wrist"]
travelled = float(np.hypot(np.diff(rows["x"]), np.diff(rows["y"])).mean())

# %% 1: all joints, one after the other
travelled = float(np.hypot(np.diff(track["x"]), np.diff(track["y"])).sum())

# %% 1: squares without their roots
travelled = float((np.diff(rows["x"]) ** 2 + np.diff(rows["y"]) ** 2).sum())

# %% 1: places, not steps
travelled = float(np.hypot(rows["x"], rows["y"]).sum())

# %% 1: the first step forgotten
travelled = float(np.hypot(np.diff(rows["x"]), np.diff(rows["y"]))[1:].sum())

# %% 1: the last step forgotten
travelled = float(np.hypot(np.diff(rows["x"]), np.diff(rows["y"]))[:-1].sum())

# %% 1: with their signs
travelled = float((np.diff(rows["x"]) + np.diff(rows["y"])).sum())

# %% 1: every second frame
travelled = float(np.hypot(np.diff(rows["x"][::2]), np.diff(rows["y"][::2])).sum())

# %% 1: printed, not kept
travelled = print(float(np.hypot(np.diff(rows["x"]), np.diff(rows["y"])).sum()))


# %% 2: the number from the text
def count_jumps(height):
    return 3


# %% 2: frames
def count_jumps(height):
    return int((height["left_wrist"] > height["nose"]).sum())


# %% 2: which frames
def count_jumps(height):
    return (height["left_wrist"] > height["nose"]).to_numpy()


# %% 2: up and down
def count_jumps(height):
    over = (height["left_wrist"] > height["nose"]).to_numpy()
    return int((over[1:] != over[:-1]).sum())


# %% 2: half of up and down
def count_jumps(height):
    over = (height["left_wrist"] > height["nose"]).to_numpy()
    return int((over[1:] != over[:-1]).sum()) // 2


# %% 2: down, not up
def count_jumps(height):
    over = (height["left_wrist"] > height["nose"]).to_numpy()
    return int((~over[1:] & over[:-1]).sum())


# %% 2: under the nose
def count_jumps(height):
    under = (height["left_wrist"] < height["nose"]).to_numpy()
    return int((under[1:] & ~under[:-1]).sum())


# %% 2: the other wrist
def count_jumps(height):
    over = (height["right_wrist"] > height["nose"]).to_numpy()
    return int((over[1:] & ~over[:-1]).sum())


# %% 2: the start counts
def count_jumps(height):
    over = (height["left_wrist"] > height["nose"]).to_numpy()
    return int(over[0]) + int((over[1:] & ~over[:-1]).sum())


# %% 2: printed, not returned
def count_jumps(height):
    over = (height["left_wrist"] > height["nose"]).to_numpy()
    print((over[1:] & ~over[:-1]).sum())
