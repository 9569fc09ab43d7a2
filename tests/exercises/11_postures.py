# %% 1: everybody is in the training, too
def accuracies(labels):
    tests = {who: (data["who"] == who).to_numpy() for who in ("ada", "leo", "mia", "tom")}
    return {who: np.mean(nearest(table, labels, table[test]) == labels[test]) for who, test in tests.items()}


# %% 1: training and test swapped
def accuracies(labels):
    tests = {who: (data["who"] == who).to_numpy() for who in ("ada", "leo", "mia", "tom")}
    return {who: np.mean(nearest(table[test], labels[test], table[~test]) == labels[~test]) for who, test in tests.items()}


# %% 1: Tom's share for everybody
def accuracies(labels):
    test = (data["who"] == "tom").to_numpy()
    share = np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test])
    return dict.fromkeys(("ada", "leo", "mia", "tom"), share)


# %% 1: Tom only
def accuracies(labels):
    test = (data["who"] == "tom").to_numpy()
    return {"tom": np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test])}


# %% 1: percent
def accuracies(labels):
    tests = {who: (data["who"] == who).to_numpy() for who in ("ada", "leo", "mia", "tom")}
    return {who: 100 * np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test]) for who, test in tests.items()}


# %% 1: the mean of all
def accuracies(labels):
    return np.mean(nearest(table, labels, table) == labels)


# %% 1: which answers are right, not their share
def accuracies(labels):
    tests = {who: (data["who"] == who).to_numpy() for who in ("ada", "leo", "mia", "tom")}
    return {who: nearest(table[~test], labels[~test], table[test]) == labels[test] for who, test in tests.items()}


# %% 1: nothing
accuracies = None

# %% 1: dict not function
accuracies = {"ada": 1, "leo": 1, "mia": 1, "tom": 1}


# %% 1: empty dict
def accuracies(labels):
    return {}


# %% 1: a list
def accuracies(labels):
    return [0.9, 0.9, 0.9, 0.9]


# %% 1: strings
def accuracies(labels):
    return dict.fromkeys(("ada", "leo", "mia", "tom"), "90%")


# %% 1: None in it
def accuracies(labels):
    return dict.fromkeys(("ada", "leo", "mia", "tom"))


# %% 1: NaN
def accuracies(labels):
    return dict.fromkeys(("ada", "leo", "mia", "tom"), np.nan)


# %% 1: ignores labels
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.mean(nearest(table[~test], postures[~test], table[test]) == postures[test])
    return shares


# %% 1: mistakes
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.mean(nearest(table[~test], labels[~test], table[test]) != labels[test])
    return shares


# %% 1: counts
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.sum(nearest(table[~test], labels[~test], table[test]) == labels[test])
    return shares


# %% 1: divided by all
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.sum(nearest(table[~test], labels[~test], table[test]) == labels[test]) / len(labels)
    return shares


# %% 1: against postures
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.mean(nearest(table[~test], labels[~test], table[test]) == postures[test])
    return shares


# %% 1: rounded
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = round(np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test]))
    return shares


# %% 1: return in loop
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test])
        return shares


# %% 1: pandas series
def accuracies(labels):
    shares = {}
    for who in ("ada", "leo", "mia", "tom"):
        test = (data["who"] == who).to_numpy()
        shares[who] = np.mean(nearest(table[~test], labels[~test], table[test]) == labels[test])
    return pd.Series(shares)


# %% 1: capital names
def accuracies(labels):
    return {"Ada": 1, "Leo": 1, "Mia": 1, "Tom": 1}


# %% 1 right: unique, float
def accuracies(labels):
    out = {}
    for who in data["who"].unique():
        test = (data["who"] == who).to_numpy()
        said = nearest(table[~test], labels[~test], table[test])
        out[who] = sum(a == b for a, b in zip(said, labels[test])) / int(test.sum())
    return out


# %% 1 right: percent rounding to 3
def accuracies(labels):
    out = {}
    for who in data["who"].unique():
        test = (data["who"] == who).to_numpy()
        said = nearest(table[~test], labels[~test], table[test])
        out[who] = round(float(np.mean(said == labels[test])), 3)
    return out


# %% 2: the farthest
distances = {}
for name in set(postures):
    rest, own = data[data["posture"] != name], data[data["posture"] == name]
    other = posekit.PostureClassifier().fit(rest["pose"], rest["posture"].tolist())
    distances[name] = other.distance(own["pose"]).mean()
closest = max(distances, key=distances.get)

# %% 2: the second
closest = sorted(distances, key=distances.get)[1]

# %% 2: its distance, not its name
closest = min(distances.values())

# %% 2: all distances
closest = distances

# %% 2: nothing
closest = None

# %% 2: a list
closest = ["tree"]

# %% 2: an empty list
closest = []

# %% 2: NaN
closest = float("nan")

# %% 2: index
closest = 0

# %% 2: an array
closest = np.array(sorted(set(postures)))

# %% 2: capital
closest = "Tree"

# %% 2: series
closest = data["posture"]

# %% 2: the sum
distances = {}
for name in set(postures):
    rest, own = data[data["posture"] != name], data[data["posture"] == name]
    other = posekit.PostureClassifier().fit(rest["pose"], rest["posture"].tolist())
    distances[name] = other.distance(own["pose"]).mean()
closest = ", ".join(sorted(distances, key=distances.get)[:2])

# %% 2: wrong learned with itself
closest = sorted(distances, key=distances.get)[2]

# %% 2 right: np.str
closest = np.array(sorted(distances, key=distances.get))[0]

# %% 2 right: pandas
closest = pd.Series(distances).idxmin()

# %% 2 right: loop
closest, least = None, 1e9
for k, v in distances.items():
    if v < least:
        closest, least = k, v
