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
