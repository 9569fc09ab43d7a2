# %% 1: the shorter side
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * min(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: ten pixels
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    return (np.linalg.norm((xy - points)[:, :2], axis=1) < 10)[points[:, 2] > 0].mean()


# %% 1: joints without a label, too
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    return (np.linalg.norm((xy - points)[:, :2], axis=1) < 0.1 * max(person["bbox"][2:])).mean()


# %% 1: sideways only
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.abs((xy - points)[:, 0])
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: visible joints only
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] == 2].sum() / max((points[:, 2] == 2).sum(), 1)


# %% 1: the whole of bbox
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * max(person["bbox"]))[points[:, 2] > 0].mean()


# %% 1: along the grid, not straight
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.abs((xy - points)[:, :2]).sum(axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: up and down only
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.abs((xy - points)[:, 1])
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: in x and in y, each by itself
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.abs((xy - points)[:, :2]).max(axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: of the diagonal
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * np.hypot(*person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: of the root of the area
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * np.sqrt(person["area"]))[points[:, 2] > 0].mean()


# %% 1: how many, not which share
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].sum()


# %% 1: each joint by itself
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    return np.linalg.norm((xy - points)[:, :2], axis=1) < 0.1 * max(person["bbox"][2:])


# %% 1: the width, which is not always the longer side
def pck(answer, person):
    xy, points = np.reshape(answer["keypoints"], (17, 3)), np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * person["bbox"][2])[points[:, 2] > 0].mean()


# %% 2: where the single values lie
def interval(scores):
    return np.percentile(scores, [2.5, 97.5])


# %% 2: without replacement
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores), replace=False).mean() for _ in range(100)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: 90 percent
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [5, 95])


# %% 2: too few values in each draw
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores) // 2).mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: of the median
def interval(scores):
    rng = np.random.default_rng(0)
    middles = [np.median(rng.choice(scores, size=len(scores))) for _ in range(1000)]
    return np.percentile(middles, [2.5, 97.5])


# %% 2: 99 percent
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [0.5, 99.5])


# %% 2: as many as there are squats, always
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=16).mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: all means, not their interval
def interval(scores):
    rng = np.random.default_rng(0)
    return [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]


# %% 2: half of it
def interval(scores):
    return 1.96 * scores.std() / np.sqrt(len(scores))


# %% 2: one standard error to each side
def interval(scores):
    error = scores.std() / np.sqrt(len(scores))
    return scores.mean() - error, scores.mean() + error
