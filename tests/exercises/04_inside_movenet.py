# %% 1: from the corners of the cells
coarse = 4 * np.linalg.norm(cells - true_cells, axis=1).mean()

# %% 1: in cells, not in pixels
coarse = np.linalg.norm(cells + 0.5 - true_cells, axis=1).mean()

# %% 1: half a pixel instead of half a cell
coarse = np.linalg.norm(4 * cells + 0.5 - 4 * true_cells, axis=1).mean()

# %% 1: seventeen distances
coarse = 4 * np.linalg.norm(cells + 0.5 - true_cells, axis=1)

# %% 1: the root of the mean square
coarse = 4 * np.sqrt(((cells + 0.5 - true_cells) ** 2).sum(axis=1).mean())

# %% 1: along the grid, not straight
coarse = 4 * np.abs(cells + 0.5 - true_cells).sum(axis=1).mean()

# %% 1: half a cell in x only
coarse = 4 * np.linalg.norm(cells + [0.5, 0] - true_cells, axis=1).mean()

# %% 1: half a cell the wrong way
coarse = 4 * np.linalg.norm(cells - 0.5 - true_cells, axis=1).mean()

# %% 1: with the offsets
coarse = 4 * np.linalg.norm(exact - true_cells, axis=1).mean()

# %% 1: in pixels of the photo
coarse = scale[0] / 48 * np.linalg.norm(cells + 0.5 - true_cells, axis=1).mean()

# %% 1: the length of the mean step
coarse = 4 * np.linalg.norm((cells + 0.5 - true_cells).mean(axis=0))

# %% 1: the median
coarse = 4 * np.median(np.linalg.norm(cells + 0.5 - true_cells, axis=1))

# %% 1: the wrong axis
coarse = 4 * np.linalg.norm(cells + 0.5 - true_cells, axis=0).mean()

# %% 1: x and y swapped
coarse = 4 * np.linalg.norm(cells[:, ::-1] + 0.5 - true_cells, axis=1).mean()

# %% 1: two cells instead of two pixels
coarse = 4 * np.linalg.norm(cells + 2 - true_cells, axis=1).mean()

# %% 1: the first guess instead of the cells
coarse = 4 * np.linalg.norm(guess + 0.5 - true_cells, axis=1).mean()

# %% 1: from the model's points, not the true ones
coarse = 4 * np.linalg.norm(cells + 0.5 - exact, axis=1).mean()

# %% 1: printed, not kept
coarse = print(4 * np.linalg.norm(cells + 0.5 - true_cells, axis=1).mean())

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

# %% 2: the left half read with the shape of the whole
other = np.unravel_index(weighted[:, :24].argmax(), (48, 48))

# %% 2: the cell of the nose
other = np.unravel_index(two.heatmaps[:, :24, 0].argmax(), (48, 24))

# %% 2: the second best cell, beside the first
other = np.unravel_index(np.sort(weighted.ravel()).searchsorted(weighted.max()) - 1, (48, 48))

# %% 2: a number that is not taken apart
other = left.argmax()

# %% 2: the place of the first person, mirrored
row_of_first, column_of_first = np.unravel_index(weighted.argmax(), (48, 48))
other = row_of_first, 47 - column_of_first

# %% 2: in pixels
other = 4 * np.array(np.unravel_index(left.argmax(), (48, 48)))

# %% 2: the brightness, not the place
other = weighted[:, :24].max(), weighted[:, 24:].max()

# %% 2: of the figure that stood alone
other = np.unravel_index(inside.centre.argmax(), (48, 48))

# %% 2: where it is darkest
other = np.unravel_index(weighted[:, :24].argmin(), (48, 24))
