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

# %% 2: only one end
low = interval(per_picture[groups.index("heavy build")] - per_picture[groups.index("base")])

# %% 2: the sign
heavy = per_picture[groups.index("heavy build")]
low, high = interval(per_picture[groups.index("base")] - heavy)

# %% 2: the group itself, not its difference
low, high = interval(heavy)

# %% 2: another group
low, high = interval(per_picture[groups.index("heavy build") - 1] - per_picture[groups.index("base")])
