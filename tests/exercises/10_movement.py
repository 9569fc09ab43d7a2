# %% 1: the wrong way round
low, high = 130, 70

# %% 1: next to each other, so that noise is counted
low, high = 99, 100

# %% 1: beyond the curve
low, high = 1, 100

# %% 1: so near to the ends that noise hides some
low, high = 25, 155

# %% 1: only one of them has room
low, high = 25, 100

# %% 1: above all of the curve
low, high = 170, 175

# %% 1: one limit twice
low, high = 100, 100

# %% 1: nothing
low, high = None, None

# %% 1: no second one
low, high = 70, None

# %% 1: a string
low, high = "70", "130"

# %% 1: NaN
low, high = np.nan, np.nan

# %% 1: lists
low, high = [70], [130]

# %% 1: an empty list
low, high = [], []

# %% 1: array pairs
low, high = np.array([70, 71]), np.array([130, 131])

# %% 1: the ends themselves
low, high = (180 - jacks).min(), (180 - jacks).max()

# %% 1: for the curve that is not turned over
low, high = 110, 50

# %% 1: radians
low, high = np.radians(70), np.radians(130)

# %% 1: shares
low, high = 1 / 3, 2 / 3

# %% 1: negative
low, high = -70, -130

# %% 1: ellipsis second
low, high = 70, ...

# %% 1: mixed str
low, high = 70, "130"

# %% 1 right: floats of the curve
curve = 180 - jacks
span = curve.max() - curve.min()
low, high = curve.min() + span / 3, curve.max() - span / 3

# %% 1 right: python floats
low, high = 68.0, 117.5

# %% 2: counts the squats, too
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="arm"), rest=-0.9, full=0)

# %% 2: too high to be reached
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="arm"), rest=-0.9, full=3)

# %% 2: the wrong way round
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="arm"), rest=0.8, full=-0.9)

# %% 2: the elbow
arms = posekit.Exercise("arms", lambda body, side: body.height("elbow", above="shoulder", per="arm"), rest=-0.5, full=0.4)

# %% 2: above the hip
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="hip", per="arm"), rest=0, full=1.6)

# %% 2: in lengths of the leg
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="leg"), rest=-0.6, full=0.6)

# %% 2: in lengths of the trunk
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="trunk"), rest=-0.6, full=0.6)

# %% 2: the shoulder above the wrist
arms = posekit.Exercise("arms", lambda body, side: -body.height("wrist", above="shoulder", per="arm"), rest=0.9, full=-0.8)


# %% 2: the function, not the exercise
def arms(body, side):
    return body.height("wrist", above="shoulder", per="arm")


# %% 2: the exercise of before
arms = dip

# %% 2: nothing
arms = None

# %% 2: name
arms = "arms"

# %% 2: an empty list
arms = []

# %% 2: class
arms = posekit.Exercise

# %% 2: signal constant
arms = posekit.Exercise("arms", lambda body, side: -0.9, rest=-0.9, full=0.8)

# %% 2: signal none
arms = posekit.Exercise("arms", lambda body, side: None, rest=-0.9, full=0.8)

# %% 2: signal str
arms = posekit.Exercise("arms", lambda body, side: "x", rest=-0.9, full=0.8)

# %% 2: signal array
arms = posekit.Exercise("arms", lambda body, side: body.xy[9:11, 1], rest=-0.9, full=0.8)

# %% 2: only left
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="hip", per="arm"), rest=-0.9, full=0.8)

# %% 2: percent
arms = posekit.Exercise("arms", lambda body, side: 100 * body.height("wrist", above="shoulder", per="arm"), rest=-90, full=80)

# %% 2: rest at 0
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="arm"), rest=0, full=1)

# %% 2 right: -1..1
arms = posekit.Exercise("arms", lambda body, side: body.height("wrist", above="shoulder", per="arm"), rest=-1, full=1)

# %% 2 right: name
arms = posekit.Exercise(name="jacks", signal=lambda b, s: b.height("wrist", above="shoulder", per="arm"), rest=-0.95, full=0.85)
