"""Past drops: taken in line by line, kept with the newest figures, handed to forecasts."""
