# %% 1: y instead of the score
sure = (answer[..., 0] >= 0.7).sum()

# %% 1: all three numbers of each point
sure = (answer >= 0.7).sum()

# %% 1: the sum of the scores, not their count
sure = answer[..., 2].sum()

# %% 1: which ones, not how many
sure = answer[..., 2] >= 0.7

# %% 1: a row of points instead of the column of scores
sure = (answer[0, 0, 2] >= 0.7).sum()

# %% 1: their share
sure = (answer[..., 2] >= 0.7).mean()

# %% 1: the points after two looks
sure = (models["lightning"](image).score >= 0.7).sum()

# %% 1: printed, not kept
sure = print((answer[..., 2] >= 0.7).sum())

# %% 1: a text
sure = f"{(answer[..., 2] >= 0.7).sum()} of 17"


# %% 2: the interpreter from above
def side_of(path):
    return interpreter.get_input_details()[0]["shape"][1]


# %% 2: always the file of Lightning
def side_of(path):
    lightning = Interpreter(str(posekit.models.fetch("lightning")))
    return lightning.get_input_details()[0]["shape"][1]


# %% 2: the number from the text
def side_of(path):
    return 256


# %% 2: the colours
def side_of(path):
    return Interpreter(str(path)).get_input_details()[0]["shape"][3]


# %% 2: height times width
def side_of(path):
    shape = Interpreter(str(path)).get_input_details()[0]["shape"]
    return shape[1] * shape[2]


# %% 2: the keypoints of the output
def side_of(path):
    return Interpreter(str(path)).get_output_details()[0]["shape"][2]


# %% 2: the whole shape
def side_of(path):
    return Interpreter(str(path)).get_input_details()[0]["shape"]


# %% 2: printed, not returned
def side_of(path):
    print(Interpreter(str(path)).get_input_details()[0]["shape"][1])


# %% 3: the nearest one
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.linalg.norm(a - b, axis=1).argmin()]


# %% 3: the index, not the name
def farthest(a, b):
    return int(np.linalg.norm(a - b, axis=1).argmax())


# %% 3: the distances, not the name
def farthest(a, b):
    return np.linalg.norm(a - b, axis=1)


# %% 3: x minus y within one model
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.abs(a[:, 0] - a[:, 1]).argmax()]


# %% 3: to the side only
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.abs(a - b)[:, 0].argmax()]


# %% 3: the sum of both differences, not the straight line
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.abs(a - b).sum(axis=1).argmax()]


# %% 3: the largest of all differences
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.abs(a - b).argmax() // 2]


# %% 3: with their signs
def farthest(a, b):
    return posekit.pose.KEYPOINTS[(a - b).sum(axis=1).argmax()]


# %% 3: from the truth
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.linalg.norm(a - true_xy, axis=1).argmax()]


# %% 3: the one with the lowest score
def farthest(a, b):
    return posekit.pose.KEYPOINTS[models["lightning"](image).score[0].argmin()]


# %% 3: with a space in the name
def farthest(a, b):
    return posekit.pose.KEYPOINTS[np.linalg.norm(a - b, axis=1).argmax()].replace("_", " ")
