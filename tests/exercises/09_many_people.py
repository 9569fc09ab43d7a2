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
