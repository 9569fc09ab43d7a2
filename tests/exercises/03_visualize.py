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

# %% 1: nothing
highest = None

# %% 1: a string
highest = "0.5"

# %% 1: an empty list
highest = []

# %% 1: NaN
highest = np.nan

# %% 1: zero
highest = 0

# %% 1: negative
highest = -0.05

# %% 1: percent
highest = 50

# %% 1: count
highest = 9

# %% 1: one
highest = 1

# %% 1 right: loop
t = 0
while (astronaut.score >= t + 0.05).sum() > 8:
    t += 0.05
highest = t

# %% 1 right: max
highest = max(s * 0.05 for s in range(21) if (astronaut.score >= s * 0.05).sum() >= 9)

# %% 1 right: rounded
highest = round(float(highest), 2)

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

# %% 2: nothing
arms = None

# %% 2: empty poses
arms = posekit.Poses.empty(waving.size)

# %% 2: pose
arms = waving[0]

# %% 2: an empty list
arms = []

# %% 2: a string
arms = "arms"


# %% 2: a function
def arms(): ...


# %% 2: slice of people
arms = waving[0:0]

# %% 2: same copy
from dataclasses import replace

arms = replace(waving, xy=waving.xy.copy())

# %% 2: scaled
xy = np.full_like(waving.xy, np.nan)
xy[:, 5:11] = waving.xy[:, 5:11] / 2
arms = replace(waving, xy=xy)

# %% 2: 5 to 9
xy = np.full_like(waving.xy, np.nan)
xy[:, 5:10] = waving.xy[:, 5:10]
arms = replace(waving, xy=xy)

# %% 2: 6..11
xy = np.full_like(waving.xy, np.nan)
xy[:, 6:12] = waving.xy[:, 6:12]
arms = replace(waving, xy=xy)

# %% 2: two people
xy = np.full((2, 17, 2), np.nan)
arms = posekit.Poses(xy, np.ones((2, 17)), np.zeros((2, 4)), np.ones(2), waving.size)

# %% 2 right: where
keep = np.zeros(17, bool)
keep[[5, 6, 7, 8, 9, 10]] = True
arms = replace(waving, xy=np.where(keep[None, :, None], waving.xy, np.nan))

# %% 2 right: Poses
xy = np.full_like(waving.xy, np.nan)
xy[0, 5:11] = waving.xy[0, 5:11]
arms = posekit.Poses(xy, waving.score, waving.box, waving.confidence, waving.size)

# %% 2 right: loop
xy = waving.xy.copy()
for i in range(17):
    if not 5 <= i <= 10:
        xy[0, i] = np.nan
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

# %% 3: nothing
reach = None

# %% 3: a string
reach = "143"

# %% 3: an empty list
reach = []

# %% 3: NaN
reach = np.nan

# %% 3: series empty
reach = table[table["keypoint"] == "nobody"]["y"].to_numpy()

# %% 3: hard
reach = 100

# %% 3: two rows
reach = table[table["keypoint"].str.contains("wrist")]["y"].to_numpy()

# %% 3: series misaligned
reach = table[table["keypoint"] == "right_shoulder"]["y"] - table[table["keypoint"] == "right_wrist"]["y"]

# %% 3: sum
by_name = table.set_index("keypoint")
reach = by_name.loc["right_shoulder", "y"] + by_name.loc["right_wrist", "y"]

# %% 3: a share
reach = (by_name.loc["right_shoulder", "y"] - by_name.loc["right_wrist", "y"]) / 480

# %% 3: integer 1 off
reach = by_name.loc["right_shoulder", "y"] - by_name.loc["right_wrist", "y"] - 2

# %% 3 right: one-row array
reach = table.query("keypoint == 'right_shoulder'")["y"].to_numpy() - table.query("keypoint == 'right_wrist'")["y"].to_numpy()

# %% 3 right: Series of one
s = table.set_index("keypoint")["y"]
reach = s.loc[["right_shoulder"]].reset_index(drop=True) - s.loc[["right_wrist"]].reset_index(drop=True)

# %% 3 right: rounded
reach = round(float(by_name.loc["right_shoulder", "y"] - by_name.loc["right_wrist", "y"]))

# %% 3 right: int
reach = int(by_name.loc["right_shoulder", "y"]) - int(by_name.loc["right_wrist", "y"])

# %% 3 right: abs
reach = abs(by_name.loc["right_wrist", "y"] - by_name.loc["right_shoulder", "y"])

# %% 3 right: from poses
reach = waving[0]["right_shoulder"].y - waving[0]["right_wrist"].y
