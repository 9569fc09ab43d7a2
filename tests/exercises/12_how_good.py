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


# %% 1: nothing
pck = None

# %% 1: number
pck = 0.9


# %% 1: constant
def pck(answer, person):
    return 15 / 17


# %% 1: a string
def pck(answer, person):
    return "88%"


# %% 1: NaN
def pck(answer, person):
    return np.nan


# %% 1: an empty list
def pck(answer, person):
    return []


# %% 1: percent
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=1)
    return 100 * (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: wrong axis
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=0)
    return (away < 0.1 * max(person["bbox"][2:])).mean()


# %% 1: mean distance
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    return np.linalg.norm(xy - points[:, :2], axis=1).mean() / max(person["bbox"][2:])


# %% 1: the wrong ones
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=1)
    return (away > 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: divided by 17
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].sum() / 17


# %% 1: the box as two corners
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=1)
    b = person["bbox"]
    return (away < 0.1 * max(abs(b[2] - b[0]), abs(b[3] - b[1])))[points[:, 2] > 0].mean()


# %% 1: 5 percent
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))[:, :2]
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points[:, :2], axis=1)
    return (away < 0.05 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: with score column
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm(xy - points, axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1: only true
def pck(answer, person):
    return True


# %% 1: uses labels of the answer
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * max(person["bbox"][2:]))[xy[:, 2] > 0].mean()


# %% 1: mean size
def pck(answer, person):
    xy = np.reshape(answer["keypoints"], (17, 3))
    points = np.reshape(person["keypoints"], (17, 3))
    away = np.linalg.norm((xy - points)[:, :2], axis=1)
    return (away < 0.1 * np.mean(person["bbox"][2:]))[points[:, 2] > 0].mean()


# %% 1 right: loop
def pck(answer, person):
    right = labelled = 0
    a, k = answer["keypoints"], person["keypoints"]
    for i in range(17):
        if k[3 * i + 2] == 0:
            continue
        labelled += 1
        d = ((a[3 * i] - k[3 * i]) ** 2 + (a[3 * i + 1] - k[3 * i + 1]) ** 2) ** 0.5
        right += d <= 0.1 * max(person["bbox"][2], person["bbox"][3])
    return right / labelled


# %% 1 right: pandas
def pck(answer, person):
    t = pd.DataFrame(np.reshape(person["keypoints"], (17, 3)), columns=["x", "y", "v"])
    a = np.reshape(answer["keypoints"], (17, 3))
    t["ok"] = np.hypot(t.x - a[:, 0], t.y - a[:, 1]) < max(person["bbox"][2:]) / 10
    return t.loc[t.v > 0, "ok"].mean()


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


# %% 2: nothing
interval = None


# %% 2: constant
def interval(scores):
    return 0.9, 0.95


# %% 2: strings
def interval(scores):
    return "0.9", "0.95"


# %% 2: NaN
def interval(scores):
    return np.nan, np.nan


# %% 2: an empty list
def interval(scores):
    return []


# %% 2: reversed
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [97.5, 2.5])


# %% 2: sum
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).sum() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: shares
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [0.025, 0.975])


# %% 2: one draw
def interval(scores):
    rng = np.random.default_rng(0)
    return np.percentile(rng.choice(scores, size=len(scores)), [2.5, 97.5])


# %% 2: min max
def interval(scores):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return min(means), max(means)


# %% 2: percent
def interval(scores):
    rng = np.random.default_rng(0)
    means = [100 * rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: uses global
def interval(x):
    rng = np.random.default_rng(0)
    means = [rng.choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: same seed each draw
def interval(scores):
    means = [np.random.default_rng(0).choice(scores, size=len(scores)).mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


# %% 2: half width and mean
def interval(scores):
    return scores.mean(), 1.96 * scores.std() / np.sqrt(len(scores))


# %% 2: dict
def interval(scores):
    return {"low": 0.79, "high": 0.81}


# %% 2: twice nothing
def interval(scores):
    return None, None


# %% 2 right: list comp sorted
def interval(scores):
    rng = np.random.default_rng(1)
    means = sorted(float(np.mean(rng.choice(scores, len(scores)))) for _ in range(1000))
    return [means[25], means[975]]


# %% 2 right: pandas
def interval(scores):
    s = pd.Series(scores)
    means = pd.Series([s.sample(frac=1, replace=True, random_state=i).mean() for i in range(1000)])
    return means.quantile(0.025), means.quantile(0.975)


# %% 2 right: 300 draws
def interval(scores):
    draws = np.random.default_rng(8).choice(scores, size=(1000, len(scores)))
    return tuple(np.quantile(draws.mean(axis=1), [0.025, 0.975]))


# %% 2 right: formula
def interval(scores):
    e = scores.std(ddof=1) / np.sqrt(len(scores))
    return scores.mean() - 1.96 * e, scores.mean() + 1.96 * e
