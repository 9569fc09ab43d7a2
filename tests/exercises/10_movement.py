# %% 1: the wrong way round
low, high = 130, 70

# %% 1: next to each other, so that noise is counted
low, high = 99, 100

# %% 1: beyond the curve
low, high = 1, 100

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
