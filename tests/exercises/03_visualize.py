# %% 1: one step too low
highest = np.floor(waving.score.min() / 0.05) * 0.05 - 0.05

# %% 1: one step too high
highest = np.ceil(waving.score.min() / 0.05) * 0.05

# %% 1: no multiple of 0.05
highest = float(waving.score.min())

# %% 1: all scores
highest = waving.score

# %% 2: the picture's own points, changed in place
arms = waving
with contextlib.suppress(ValueError):
    arms.xy[:, :5] = np.nan

# %% 2: the legs stay
from dataclasses import replace

xy = waving.xy.copy()
xy[:, :5] = np.nan
arms = replace(waving, xy=xy)

# %% 2: the array, not the poses
arms = xy

# %% 2: zeros instead of NaN
xy = waving.xy.copy()
xy[:, :5] = xy[:, 11:] = 0
arms = replace(waving, xy=xy)

# %% 3: downwards, so negative
by_name = table.set_index("keypoint")
reach = by_name.loc["right_wrist", "y"] - by_name.loc["right_shoulder", "y"]

# %% 3: the other arm
reach = abs(by_name.loc["left_shoulder", "y"] - by_name.loc["left_wrist", "y"])

# %% 3: the shoulder of the other side
reach = by_name.loc["left_shoulder", "y"] - by_name.loc["right_wrist", "y"]

# %% 3: both numbers
reach = by_name.loc["right_shoulder", "y"], by_name.loc["right_wrist", "y"]

# %% 3: to the side
reach = abs(by_name.loc["right_shoulder", "x"] - by_name.loc["right_wrist", "x"])
