# %% 1: nothing is lost at the start
workers = -(-1_000_000 // (60 * 60 * 60))

# %% 1: one too many
workers = -(-1_000_000 // (60 * 50 * 60)) + 1

# %% 1: not a whole number
workers = 1_000_000 / (60 * 50 * 60)

# %% 1: none
workers = 0

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
