# %% 1: from the corners of the cells
coarse = 4 * np.linalg.norm(cells - true_cells, axis=1).mean()

# %% 1: in cells, not in pixels
coarse = np.linalg.norm(cells + 0.5 - true_cells, axis=1).mean()

# %% 1: half a pixel instead of half a cell
coarse = np.linalg.norm(4 * cells + 0.5 - 4 * true_cells, axis=1).mean()

# %% 1: seventeen distances
coarse = 4 * np.linalg.norm(cells + 0.5 - true_cells, axis=1)

# %% 2: the person whom the model takes
other = np.unravel_index(weighted.argmax(), (48, 48))

# %% 2: the column first
left = weighted.copy()
left[:, 24:] = 0
other = np.unravel_index(left.argmax(), (48, 48))[::-1]

# %% 2: the upper half is blank instead of the right one
half = weighted.copy()
half[24:] = 0
other = np.unravel_index(half.argmax(), (48, 48))

# %% 2: a cell nearby, not the best one
other = np.add(np.unravel_index(left.argmax(), (48, 48)), (5, 0))
