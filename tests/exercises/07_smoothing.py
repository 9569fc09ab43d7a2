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

# %% 1: eight frames
lag = 8 / 30 * 1000

# %% 1: fourteen frames
lag = 14 / 30 * 1000

# %% 1: of the mean of 9
lag = 4 / 30 * 1000

# %% 1: at 25 frames a second
lag = 7 / 25 * 1000

# %% 1: 30 times instead of a thirtieth
lag = 7 * 30

# %% 1: ahead, not behind
lag = -7 / 30 * 1000

# %% 1: a text
lag = "half of it"

# %% 2: as it is, which is not calm enough
my_cutoff, my_beta = rest, beta

# %% 2: so calm that it comes late
my_cutoff, my_beta = 0.05, 0.5

# %% 2: so quick that it trembles
my_cutoff, my_beta = 20, 300

# %% 2: a negative cut-off
my_cutoff, my_beta = -1, 60

# %% 2: the two swapped
my_cutoff, my_beta = 60, 0.2

# %% 2: only the first one changed
my_cutoff, my_beta = 0.2, beta

# %% 2: only the second one changed
my_cutoff, my_beta = rest, 60

# %% 2: no beta
my_cutoff, my_beta = 0.2, 0

# %% 2: a cut-off of 0
my_cutoff, my_beta = 0, 60

# %% 2: pairs to try, not one of them
my_cutoff, my_beta = [0.1, 0.2], [40, 60]
