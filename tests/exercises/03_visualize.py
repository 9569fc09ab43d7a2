# %% 1: one step too low
highest = np.floor(np.sort(astronaut.score[0])[-9] / 0.05) * 0.05 - 0.05

# %% 1: one step too high
highest = np.ceil(np.sort(astronaut.score[0])[-9] / 0.05) * 0.05

# %% 1: no multiple of 0.05
highest = float(np.sort(astronaut.score[0])[-9])

# %% 1: all scores
highest = astronaut.score

# %% 1: half of the points, rounded down
highest = np.floor(np.sort(astronaut.score[0])[-8] / 0.05) * 0.05

# %% 1: one point more than it takes
highest = np.floor(np.sort(astronaut.score[0])[-10] / 0.05) * 0.05

# %% 1: the nearest multiple
highest = round(float(np.sort(astronaut.score[0])[-9]) / 0.05) * 0.05

# %% 1: steps of 0.1
highest = np.floor(np.sort(astronaut.score[0])[-9] / 0.1) * 0.1

# %% 1: steps of 0.01
highest = max(t for t in thresholds if (astronaut.score >= t).sum() >= 9)

# %% 1: the lowest score
highest = np.floor(astronaut.score.min() / 0.05) * 0.05

# %% 1: the mean score
highest = np.floor(astronaut.score.mean() / 0.05) * 0.05

# %% 1: the waving figure
highest = np.floor(np.sort(waving.score[0])[-9] / 0.05) * 0.05

# %% 1: steps, not the threshold
highest = np.floor(np.sort(astronaut.score[0])[-9] / 0.05)

# %% 1: printed, not kept
highest = print(np.floor(np.sort(astronaut.score[0])[-9] / 0.05) * 0.05)

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

# %% 2: without the wrists
xy = waving.xy.copy()
xy[:, :5] = xy[:, 9:] = np.nan
arms = replace(waving, xy=xy)

# %% 2: everything but the arms
xy = waving.xy.copy()
xy[:, 5:11] = np.nan
arms = replace(waving, xy=xy)

# %% 2: only x is missing
xy = waving.xy.copy()
xy[:, :5, 0] = xy[:, 11:, 0] = np.nan
arms = replace(waving, xy=xy)

# %% 2: the other picture
xy = astronaut.xy.copy()
xy[:, :5] = xy[:, 11:] = np.nan
arms = replace(astronaut, xy=xy)

# %% 2: moved to the front of the list
xy = np.full_like(waving.xy, np.nan)
xy[:, :6] = waving.xy[:, 5:11]
arms = replace(waving, xy=xy)

# %% 2: x and y swapped
xy = waving.xy[..., ::-1].copy()
xy[:, :5] = xy[:, 11:] = np.nan
arms = replace(waving, xy=xy)

# %% 2: a picture
arms = posekit.draw(figure, waving)

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

# %% 3: the true points
true_points = posekit.ground_truth("person")["people"][0]["xy"][0]
reach = true_points[6][1] - true_points[10][1]

# %% 3: the straight distance
reach = float(np.hypot(*(by_name.loc["right_shoulder", ["x", "y"]] - by_name.loc["right_wrist", ["x", "y"]]).astype(float)))

# %% 3: from the elbow
reach = by_name.loc["right_elbow", "y"] - by_name.loc["right_wrist", "y"]

# %% 3: from the lower edge
reach = 480 - by_name.loc["right_wrist", "y"]

# %% 3: of the scores
reach = by_name.loc["right_wrist", "score"] - by_name.loc["right_shoulder", "score"]

# %% 3: from the middle of the shoulders
reach = (by_name.loc["right_shoulder", "y"] + by_name.loc["left_shoulder", "y"]) / 2 - by_name.loc["right_wrist", "y"]

# %% 3: printed, not kept
reach = print(by_name.loc["right_shoulder", "y"] - by_name.loc["right_wrist", "y"])
