"""The models, each a file of formulas beside its paper; `base` and `estimation` are what they share."""
