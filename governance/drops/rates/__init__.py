"""Exchange rates: a table for a day, with its source, put by those who answer for it."""
