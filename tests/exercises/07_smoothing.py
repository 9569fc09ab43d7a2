# %% 1: all of the 15 frames
lag = 15 / 30 * 1000

# %% 1: in seconds
lag = 7 / 30

# %% 1: in frames
lag = (15 - 1) / 2

# %% 1: half of 15
lag = 15 / 2 / 30 * 1000

# %% 1: the age of each frame
lag = np.arange(15) / 30 * 1000

# %% 2: as it is, which is not calm enough
my_cutoff, my_beta = rest, beta

# %% 2: so calm that it comes late
my_cutoff, my_beta = 0.05, 0.5

# %% 2: so quick that it trembles
my_cutoff, my_beta = 20, 300

# %% 2: a negative cut-off
my_cutoff, my_beta = -1, 60
