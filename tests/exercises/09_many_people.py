# %% 1: far too large
crowded = far_away(0.17)
smallest = 640

# %% 1: far too small
smallest = 128

# %% 1: nothing at all
smallest = 0

# %% 1: no multiple of 32
smallest = 20 * 640 // 34

# %% 1: nothing
smallest = None

# %% 1: a string
smallest = "256"

# %% 1: an empty list
smallest = []

# %% 1: a list
smallest = [256]

# %% 1: NaN
smallest = float("nan")

# %% 1: several
smallest = np.array([256, 288])

# %% 1: the count
smallest = len(posekit.load_model("multipose", input_size=640)(crowded))

# %% 1: the height
smallest = 34

# %% 1: the rule
smallest = 20 * 640 / 34

# %% 1: the model
smallest = posekit.load_model("multipose", input_size=320)

# %% 1: crowd gone
crowded = far_away(1)
smallest = 128

# %% 1: too big
smallest = 672

# %% 1 right: float
crowded = far_away(0.17)
smallest = float(next(s for s in range(128, 641, 32) if len(posekit.load_model("multipose", input_size=s)(crowded)) == 2))

# %% 1 right: pandas
import pandas as pd

smallest = pd.Series({s: len(posekit.load_model("multipose", input_size=s)(crowded)) for s in range(128, 641, 32)}).eq(2).idxmax()


# %% 2: the first one only
def hide_faces(frame, poses):
    hidden = frame.copy()
    x, y = poses[0].xy[:5].mean(axis=0).astype(int)
    r = int((poses[0].box[3] - poses[0].box[1]) / 12)
    hidden[y - r : y + r, x - r : x + r] = 0
    return hidden


# %% 2: the original
def hide_faces(frame, poses):
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        frame[y - r : y + r, x - r : x + r] = 0
    return frame


# %% 2: everything
def hide_faces(frame, poses):
    return np.zeros_like(frame)


# %% 2: a square over the nose alone
def hide_faces(frame, poses):
    hidden = frame.copy()
    for x, y in poses.xy[:, :5].mean(axis=1).astype(int):
        hidden[y - 6 : y + 6, x - 6 : x + 6] = 0
    return hidden


# %% 2: a light blur
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = cv2.GaussianBlur(hidden[y - r : y + r, x - r : x + r], (0, 0), 2)
    return hidden


# %% 2: a bar over the eyes
def hide_faces(frame, poses):
    hidden = frame.copy()
    for x, y in poses.xy[:, 1:3].mean(axis=1).astype(int):
        hidden[y - 3 : y + 3, x - 15 : x + 15] = 0
    return hidden


# %% 2: nothing
hide_faces = None


# %% 2: returns string
def hide_faces(frame, poses):
    return "done"


# %% 2: an empty list
def hide_faces(frame, poses):
    return []


# %% 2: list of faces
def hide_faces(frame, poses):
    return [frame[:40, :40] for pose in poses]


# %% 2: cropped
def hide_faces(frame, poses):
    return frame[100:].copy()


# %% 2: unchanged copy
def hide_faces(frame, poses):
    return frame.copy()


# %% 2: grey
def hide_faces(frame, poses):
    return frame.mean(axis=2)


# %% 2: poses
def hide_faces(frame, poses):
    return poses


# %% 2: x and y swapped
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[x - r : x + r, y - r : y + r] = 0
    return hidden


# %% 2: whole people
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        l, t, r, b = pose.box.astype(int)
        hidden[t:b, l:r] = 0
    return hidden


# %% 2: body middle
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy.mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = 0
    return hidden


# %% 2: return in loop
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = 0
        return hidden


# %% 2: copy in loop
def hide_faces(frame, poses):
    for pose in poses:
        hidden = frame.copy()
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = 0
    return hidden


# %% 2: uses the globals, no poses
def hide_faces(frame, poses):
    hidden = frame.copy()
    for x, y in true_xy[:, :5].mean(axis=1).astype(int):
        hidden[y - 8 : y + 8, x - 8 : x + 8] = 0
    return hidden


# %% 2: every second pixel
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        part = hidden[y - r : y + r, x - r : x + r]
        part[:] = cv2.resize(part[::2, ::2], part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return hidden


# %% 2 right: black
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = 0
    return hidden


# %% 2 right: circle
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        cv2.circle(hidden, (int(x), int(y)), r, (0, 0, 0), -1)
    return hidden


# %% 2 right: heavy blur
def hide_faces(frame, poses):
    hidden = frame.copy()
    for pose in poses:
        x, y = pose.xy[:5].mean(axis=0).astype(int)
        r = int((pose.box[3] - pose.box[1]) / 12)
        hidden[y - r : y + r, x - r : x + r] = cv2.GaussianBlur(hidden[y - r : y + r, x - r : x + r], (0, 0), 12)
    return hidden
