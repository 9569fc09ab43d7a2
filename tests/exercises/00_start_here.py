# %% 1: the other wrist, which hangs
picture = posekit.read_image(posekit.sample("person"))
wrist = posekit.load_model("lightning")(picture)[0]["left_wrist"]

# %% 1: another joint of the same arm
wrist = posekit.load_model("lightning")(picture)[0]["right_shoulder"]

# %% 1: the person, not a keypoint
wrist = posekit.load_model("lightning")(picture)[0]

# %% 1: the astronaut's wrist, from the picture above
wrist = posekit.load_model("lightning")(posekit.read_image(posekit.sample("astronaut")))[0]["right_wrist"]

# %% 1: a place, not a keypoint
wrist = (217, 93)

# %% 1: a row of the table, still a table
table = posekit.load_model("lightning")(picture).to_pandas()
wrist = table[table["keypoint"] == "right_wrist"]

# %% 1: nothing
wrist = None

# %% 1: a string
wrist = "right_wrist"

# %% 1: an empty list
wrist = []

# %% 1: poses
wrist = posekit.load_model("lightning")(picture)

# %% 1: a place as an array
wrist = posekit.load_model("lightning")(picture)[0].xy[10]

# %% 1: xy all
wrist = posekit.load_model("lightning")(picture).xy

# %% 1: x only
wrist = posekit.load_model("lightning")(picture)[0]["right_wrist"].x

# %% 1: a list with it
wrist = [posekit.load_model("lightning")(picture)[0]["right_wrist"]]

# %% 1: NaN
wrist = float("nan")

# %% 1: elbow
wrist = posekit.load_model("lightning")(picture)[0]["right_elbow"]

# %% 1: mirrored
wrist = posekit.load_model("lightning")(picture[:, ::-1].copy())[0]["right_wrist"]

# %% 1: nose
wrist = posekit.load_model("lightning")(picture)[0]["nose"]

# %% 1: table row
wrist = posekit.load_model("lightning")(picture).to_pandas().set_index("keypoint").loc["left_wrist"]

# %% 1 right: thunder
wrist = posekit.load_model("thunder")(picture)[0]["right_wrist"]

# %% 1 right: pandas row
wrist = posekit.load_model("lightning")(picture).to_pandas().set_index("keypoint").loc["right_wrist"]

# %% 1 right: loop
for pose in posekit.load_model("lightning")(picture):
    wrist = pose["right_wrist"]
