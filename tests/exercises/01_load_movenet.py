# %% 1: y instead of the score
sure = (answer[..., 0] >= 0.7).sum()

# %% 1: all three numbers of each point
sure = (answer >= 0.7).sum()

# %% 1: the sum of the scores, not their count
sure = answer[..., 2].sum()

# %% 1: which ones, not how many
sure = answer[..., 2] >= 0.7

# %% 2: the file of Lightning
lightning = Interpreter(str(posekit.models.fetch("lightning")))
lightning.allocate_tensors()
side = lightning.get_input_details()[0]["shape"][1]

# %% 2: the colours
thunder = Interpreter(str(posekit.models.fetch("thunder")))
thunder.allocate_tensors()
side = thunder.get_input_details()[0]["shape"][3]

# %% 2: the whole shape
side = thunder.get_input_details()[0]["shape"]

# %% 3: the nearest one
small = posekit.load_model("lightning")(image).xy[0]
large = posekit.load_model("thunder")(image).xy[0]
farthest = posekit.pose.KEYPOINTS[np.linalg.norm(small - large, axis=1).argmin()]

# %% 3: the index, not the name
farthest = int(np.linalg.norm(small - large, axis=1).argmax())

# %% 3: the distances, not the name
farthest = np.linalg.norm(small - large, axis=1)

# %% 3: x minus y within one model
farthest = posekit.pose.KEYPOINTS[np.abs(small[:, 0] - small[:, 1]).argmax()]
