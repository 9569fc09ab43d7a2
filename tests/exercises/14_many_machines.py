# %% 1: nothing is lost at the start
workers = -(-1_000_000 // (60 * 60 * 60))

# %% 1: one too many
workers = -(-1_000_000 // (60 * 50 * 60)) + 1

# %% 1: not a whole number
workers = 1_000_000 / (60 * 50 * 60)

# %% 1: twice nothing
workers = 0

# %% 1: all of the frames in one hour, by hand
workers = 5

# %% 1: minutes taken for seconds
workers = -(-1_000_000 // (60 * 50))

# %% 1: the start is shared, too
workers = -(-(1_000_000 / 60 / 60 + 10) // 60)

# %% 1: nothing
workers = None

# %% 1: a string
workers = "6"

# %% 1: an empty list
workers = []

# %% 1: a list
workers = [6]

# %% 1: NaN
workers = float("nan")

# %% 1: a truth value
workers = True

# %% 1: core hours
workers = 1_000_000 / 60 / 60 / 60

# %% 1: floor
workers = 1_000_000 // (60 * 50 * 60)

# %% 1: hundred
workers = 100

# %% 1: negative
workers = -6

# %% 1: minutes
workers = 278

# %% 1: numpy array
workers = np.array([6])

# %% 1 right: math
import math

workers = math.ceil(1_000_000 / 60 / 60 / 50)

# %% 1 right: np.ceil
workers = np.ceil(1_000_000 / 60 / 60 / 50)

# %% 1 right: loop
workers = 1
while 10 + 1_000_000 / 3600 / workers > 60:
    workers += 1

# %% 2: the same number means the same person
joined = {1: 1, 2: 2, 3: 3}

# %% 2: the nearest one, however far
joined = {who: min(a, key=lambda other: np.linalg.norm(a[other] - b[who])) for who in b}

# %% 2: everybody is new
joined = {1: 3, 2: 4, 3: 5}

# %% 2: the new one skips a number
joined = {**{who: min(a, key=lambda other: np.linalg.norm(a[other] - b[who])) for who in b}, 2: 7}

# %% 2: nobody for the new one
joined = {1: 2, 2: None, 3: 1}

# %% 2: from A to B
joined = {1: 3, 2: 1}

# %% 2: from left to right
joined = dict(zip(sorted(b, key=lambda who: b[who][0]), (1, 2, 3), strict=True))

# %% 2: by the height only
joined = {who: min(a, key=lambda other: abs(a[other][1] - b[who][1])) for who in b}

# %% 2: the distances themselves
joined = {who: min(np.linalg.norm(a[other] - b[who]) for other in a) for who in b}

# %% 2: nothing
joined = None

# %% 2: a list
joined = [2, 3, 1]

# %% 2: an empty list
joined = {}

# %% 2: strings
joined = {1: "2", 2: "3", 3: "1"}

# %% 2: string keys
joined = {"1": 2, "2": 3, "3": 1}

# %% 2: lists
joined = {1: [2], 2: [3], 3: [1]}

# %% 2: new is 4
joined = {1: 2, 2: 4, 3: 1}

# %% 2: new is zero
joined = {1: 2, 2: 0, 3: 1}

# %% 2: NaN
joined = {1: 2, 2: float("nan"), 3: 1}

# %% 2: missing new
joined = {1: 2, 3: 1}

# %% 2: new one keeps its own number
joined = {1: 2, 2: 2, 3: 1}

# %% 2: from A to B, all of them
joined = {1: 3, 2: 1, 3: 2}

# %% 2: farthest
joined = {1: 1, 2: 3, 3: 2}

# %% 2: sets
joined = {1, 2, 3}

# %% 2: arrays
joined = dict.fromkeys(b, a[1])

# %% 2 right: floats
joined = {1: 2.0, 2: 3.0, 3: 1.0}

# %% 2 right: numpy ints
joined = {np.int64(1): np.int64(2), np.int64(2): np.int64(3), np.int64(3): np.int64(1)}

# %% 2 right: loop
joined = {}
new = max(a) + 1
for who, hips in b.items():
    d = {other: float(np.hypot(*(a[other] - hips))) for other in a}
    best = min(d, key=d.get)
    if d[best] <= 20:
        joined[who] = best
    else:
        joined[who] = new
        new += 1
