"""Registers of people who do not exist, with planted truth, and the score of whoever links them."""
