"""From a text to a value: numbers, dates, placeholders, expressions, one spelling for what is written in many ways."""
