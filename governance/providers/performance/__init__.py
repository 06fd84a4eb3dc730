"""How providers perform: shipments and counts, and the figures computed from them."""
