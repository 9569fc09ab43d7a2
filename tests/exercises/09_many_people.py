# %% 1: far too large
crowded = far_away(0.17)
smallest = 640

# %% 1: far too small
smallest = 128

# %% 1: nothing at all
smallest = 0

# %% 1: no multiple of 32
smallest = 20 * 640 // 34


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
