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


# %% 1: nothing
honest = None


# %% 1: strings
def honest(taken, warm_up=3):
    return "8", "9"


# %% 1: NaN
def honest(taken, warm_up=3):
    return np.nan, np.nan


# %% 1: twice nothing
def honest(taken, warm_up=3):
    return None, None


# %% 1: an empty list
def honest(taken, warm_up=3):
    return []


# %% 1: constant
def honest(taken, warm_up=3):
    return 9.1, 47.0


# %% 1: order
def honest(taken, warm_up=3):
    return np.percentile(taken[warm_up:], 95), np.median(taken[warm_up:])


# %% 1: cuts the end
def honest(taken, warm_up=3):
    return np.median(taken[:-warm_up]), np.percentile(taken[:-warm_up], 95)


# %% 1: only the first
def honest(taken, warm_up=3):
    return np.median(taken[:warm_up]), np.percentile(taken[:warm_up], 95)


# %% 1: percentile 0.95
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.percentile(taken[warm_up:], 0.95)


# %% 1: warm-up only for the median
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.percentile(taken, 95)


# %% 1: off by one
def honest(taken, warm_up=3):
    return np.median(taken[warm_up - 1 :]), np.percentile(taken[warm_up - 1 :], 95)


# %% 1: off by one more
def honest(taken, warm_up=3):
    return np.median(taken[warm_up + 1 :]), np.percentile(taken[warm_up + 1 :], 95)


# %% 1: 5th
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.percentile(taken[warm_up:], 5)


# %% 1: 90
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.percentile(taken[warm_up:], 90)


# %% 1: seconds
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]) / 1000, np.percentile(taken[warm_up:], 95) / 1000


# %% 1: max twice
def honest(taken, warm_up=3):
    return np.median(taken[warm_up:]), np.median(taken[warm_up:])


# %% 1 right: statistics
import statistics


def honest(taken, warm_up=3):
    warm = [float(t) for t in taken[warm_up:]]
    return [statistics.median(warm), sorted(warm)[int(0.95 * len(warm))]]


# %% 1 right: pandas
def honest(taken, warm_up=3):
    s = pd.Series(taken).iloc[warm_up:]
    return s.median(), s.quantile(0.95)


# %% 1 right: ceil rank
import math


def honest(taken, warm_up=3):
    w = sorted(taken[warm_up:])
    return np.median(w), w[math.ceil(0.95 * len(w)) - 1]


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


# %% 2: nothing
to_int8 = None


# %% 2: nothing
def to_int8(values, low, high):
    return values


# %% 2: direct cast
def to_int8(values, low, high):
    return values.astype(np.int8)


# %% 2: uint8
def to_int8(values, low, high):
    return np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255).astype(np.uint8)


# %% 2: no minus 128
def to_int8(values, low, high):
    return np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255).astype(np.int8)


# %% 2: minus 127
def to_int8(values, low, high):
    return (np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255) - 127).astype(np.int8)


# %% 2: no low
def to_int8(values, low, high):
    return (np.clip(np.round(values / ((high - low) / 255)), 0, 255) - 128).astype(np.int8)


# %% 2: inverted
def to_int8(values, low, high):
    return (127 - np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255)).astype(np.int8)


# %% 2: a string
def to_int8(values, low, high):
    return "int8"


# %% 2: empty array
def to_int8(values, low, high):
    return np.array([], np.int8)


# %% 2: one number
def to_int8(values, low, high):
    return np.int8(-128)


# %% 2: constants
def to_int8(values, low, high):
    return np.array([-128, 127], np.int8)


# %% 2: 127 steps
def to_int8(values, low, high):
    return (2 * np.clip(np.round((values - low) / ((high - low) / 127)), 0, 127) - 128).astype(np.int8)


# %% 2: uses own min and max
def to_int8(values, low, high):
    low, high = values.min(), values.max()
    return (np.clip(np.round((values - low) / ((high - low) / 255)), 0, 255) - 128).astype(np.int8)


# %% 2: clip values no round ceil
def to_int8(values, low, high):
    return (np.clip(np.ceil((values - low) / ((high - low) / 255)), 0, 255) - 128).astype(np.int8)


# %% 2 right: loop
def to_int8(values, low, high):
    out = np.empty(len(values), np.int8)
    for i, v in enumerate(values):
        v = min(max(v, low), high)
        out[i] = round((v - low) / (high - low) * 255) - 128
    return out


# %% 2 right: array of list
def to_int8(values, low, high):
    step = (high - low) / 255
    return np.array([int(min(max(np.floor((v - low) / step + 0.5), 0), 255)) - 128 for v in values], dtype="int8")


# %% 2 right: rint and clip after
def to_int8(values, low, high):
    return np.clip(np.rint((values - low) * 255 / (high - low)) - 128, -128, 127).astype(np.int8)
