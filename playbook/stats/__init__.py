"""Statistics without a domain: arrays in, named results out; scipy and statsmodels do the textbook part."""
