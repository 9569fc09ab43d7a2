# %% 1: nothing is lost at the start
workers = -(-1_000_000 // (60 * 60 * 60))

# %% 1: one too many
workers = -(-1_000_000 // (60 * 50 * 60)) + 1

# %% 1: not a whole number
workers = 1_000_000 / (60 * 50 * 60)

# %% 1: none
workers = 0

# %% 1: all of the frames in one hour, by hand
workers = 5

# %% 1: minutes taken for seconds
workers = -(-1_000_000 // (60 * 50))

# %% 1: the start is shared, too
workers = -(-(1_000_000 / 60 / 60 + 10) // 60)

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
