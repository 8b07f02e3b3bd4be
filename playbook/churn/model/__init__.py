"""Models of leaving: trained and calibrated in time, compared with the plain rule, put in words a business knows."""
