# %% 1: the mean
def honest(taken, warm_up=3):
    return np.mean(taken[warm_up:]), np.percentile(taken[warm_up:], 95)


# %% 1: with the first calls
def honest(taken, warm_up=3):
    return np.median(taken), np.percentile(taken, 95)


# %% 1: the maximum
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.max(taken[warm_up:])


# %% 1: always three
def honest(taken, warm_up=3):
    return np.median(taken[3:]), np.percentile(taken[3:], 95)


# %% 1: the median alone
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:])


# %% 1: sorted first, so that the smallest are cut off
def honest(taken, warm_up=3):
    warm = np.sort(taken)[warm_up:]
    return np.median(warm), np.percentile(warm, 95)


# %% 1: the 99th percentile
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.percentile(taken[warm_up:], 99)


# %% 2: nothing is clipped
def to_int8(values, low, high):
    return (np.round((values - low) / ((high - low) / 255)) - 128).astype(np.int8)


# %% 2: cut off instead of rounded
def to_int8(values, low, high):
    return (np.clip((values - low) / ((high - low) / 255), 0, 255) - 128).astype(int).astype(np.int8)


# %% 2: a scale around zero
def to_int8(values, low, high):
    return np.clip(np.round(values / (max(-low, high) / 127)), -128, 127).astype(np.int8)


# %% 2: another type
def to_int8(values, low, high):
    return np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255) - 128


# %% 2: always from -1 to 5
def to_int8(values, low, high):
    return (np.clip(np.round((values + 1) / (6 / 255)), 0, 255) - 128).astype(np.int8)


# %% 2: 256 steps
def to_int8(values, low, high):
    return (np.clip(np.round((values - low) / ((high - low) / 256)), 0, 255) - 128).astype(np.int8)


# %% 2: a list
def to_int8(values, low, high):
    return [round((value - low) / (high - low) * 255) - 128 for value in values]
