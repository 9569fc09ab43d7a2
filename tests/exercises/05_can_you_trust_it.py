# %% 1: one step too low
threshold = next(tenth / 10 for tenth in range(10) if right[score >= tenth / 10].mean() >= 0.98) - 0.1

# %% 1: one step too high
threshold = next(tenth / 10 for tenth in range(10) if right[score >= tenth / 10].mean() >= 0.98) + 0.1

# %% 1: the share, not the threshold
threshold = 0.98

# %% 1: no threshold at all
threshold = 0.0

# %% 1: all thresholds
threshold = np.arange(10) / 10

# %% 1: the score of most mistakes
threshold = 0.3

# %% 1: from the bin, not from all above it
threshold = 0.6

# %% 1: the highest score there is
threshold = 1.0

# %% 1: printed, not kept
threshold = print(next(t / 10 for t in range(10) if right[score >= t / 10].mean() >= 0.98))

# %% 1: nothing
threshold = None

# %% 1: a string
threshold = "0.5"

# %% 1: an empty list
threshold = []

# %% 1: NaN
threshold = np.nan

# %% 1: a list of one
threshold = [0.5]

# %% 1: percent
threshold = 50

# %% 1: negative
threshold = -0.1

# %% 1: array one
threshold = np.array([0.5])

# %% 1: a truth value
threshold = True

# %% 1: step .05
threshold = 0.45

# %% 1: number of points
threshold = int(right[score >= 0.5].sum())

# %% 1 right: arange
threshold = next(t for t in np.arange(0, 1, 0.1) if right[score >= t].mean() >= 0.98)

# %% 1 right: linspace
t = np.linspace(0, 0.9, 10)
threshold = t[np.argmax([right[score >= each].mean() >= 0.98 for each in t])]

# %% 1 right: pandas
threshold = pd.Series({t / 10: right[score >= t / 10].mean() for t in range(10)}).ge(0.98).idxmax()


# %% 2: nothing is returned
def gap_interval(group, base):
    interval((group - base).mean(axis=1))


# %% 2: points, not pictures
def gap_interval(group, base):
    return interval((group - base).ravel())


# %% 2: joints, not pictures
def gap_interval(group, base):
    return interval((group - base).mean(axis=0))


# %% 2: the sign
def gap_interval(group, base):
    return interval((base - group).mean(axis=1))


# %% 2: the group itself, not its difference
def gap_interval(group, base):
    return interval(group.mean(axis=1))


# %% 2: no pairs
def gap_interval(group, base):
    return interval(group.mean(axis=1) - np.sort(base.mean(axis=1))[::-1])


# %% 2: the difference of two intervals
def gap_interval(group, base):
    return interval(group.mean(axis=1)) - interval(base.mean(axis=1))


# %% 2: where single pictures lie
def gap_interval(group, base):
    return np.percentile((group - base).mean(axis=1), [2.5, 97.5])


# %% 2: the mean alone
def gap_interval(group, base):
    return (group - base).mean()


# %% 2: without the interval
def gap_interval(group, base):
    return (group - base).mean(axis=1)


# %% 2: always the groups of the lesson
def gap_interval(group, base):
    return interval((heavy - light).mean(axis=1))


# %% 2: the median joint of each picture
def gap_interval(group, base):
    return interval(np.median(group - base, axis=1))


# %% 2: without signs
def gap_interval(group, base):
    return interval(np.abs(group - base).mean(axis=1))


# %% 2: of the median picture
def gap_interval(group, base):
    drawn = np.random.default_rng(0).choice((group - base).mean(axis=1), (2000, len(group)))
    return np.percentile(np.median(drawn, axis=1), [2.5, 97.5])


# %% 2: nothing
gap_interval = None


# %% 2: strings
def gap_interval(group, base):
    return "0", "1"


# %% 2: twice nothing
def gap_interval(group, base):
    return None, None


# %% 2: an empty list
def gap_interval(group, base):
    return []


# %% 2: NaN
def gap_interval(group, base):
    return np.nan, np.nan


# %% 2: always the same
def gap_interval(group, base):
    return -0.2, 0.5


# %% 2: reversed
def gap_interval(group, base):
    return interval((group - base).mean(axis=1))[::-1]


# %% 2: sum
def gap_interval(group, base):
    return interval((group - base).sum(axis=1))


# %% 2: relative
def gap_interval(group, base):
    return interval(group.mean(axis=1) / base.mean(axis=1))


# %% 2: bounds of each minus
def gap_interval(group, base):
    g, b = interval(group.mean(axis=1)), interval(base.mean(axis=1))
    return g[0] - b[1], g[1] - b[0]


# %% 2: 90
def gap_interval(group, base):
    d = np.random.default_rng(0).choice((group - base).mean(axis=1), (2000, len(group))).mean(axis=1)
    return np.percentile(d, [10, 90])


# %% 2: the worst joint of each picture
def gap_interval(group, base):
    return interval((group - base).max(axis=1))


# %% 2: min and max
def gap_interval(group, base):
    d = (group - base).mean(axis=1)
    return d.min(), d.max()


# %% 2 right: loop
def gap_interval(group, base):
    gaps = [np.mean(g - b) for g, b in zip(group, base)]
    return interval(np.array(gaps))


# %% 2 right: own
def gap_interval(group, base):
    gaps = np.mean(group, axis=1) - np.mean(base, axis=1)
    rng = np.random.default_rng(1)
    means = [rng.choice(gaps, size=len(gaps)).mean() for _ in range(1000)]
    return [float(v) for v in np.percentile(means, [2.5, 97.5])]


# %% 2 right: normal
def gap_interval(group, base):
    gaps = (group - base).mean(axis=1)
    e = 1.96 * gaps.std(ddof=1) / len(gaps) ** 0.5
    return gaps.mean() - e, gaps.mean() + e


# %% 2 right: pandas
def gap_interval(group, base):
    gaps = pd.DataFrame(group - base).mean(axis=1)
    means = [gaps.sample(frac=1, replace=True, random_state=i).mean() for i in range(500)]
    return tuple(pd.Series(means).quantile([0.025, 0.975]))
