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
