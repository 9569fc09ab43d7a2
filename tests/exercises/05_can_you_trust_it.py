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
