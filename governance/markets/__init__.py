"""Countries, their regions, and the blocs that make law for them."""
