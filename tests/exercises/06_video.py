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

# %% 2: frames
over = (height["left_wrist"] > height["nose"]).to_numpy()
jumps = int(over.sum())

# %% 2: which frames
jumps = over

# %% 2: up and down
jumps = int((over[1:] != over[:-1]).sum())
