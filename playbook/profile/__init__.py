"""What an industry says: names, measures, rules, tiers, seasons, and what a mistake in them is called."""
