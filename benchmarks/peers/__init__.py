"""The peers: the same rules and facts, each engine used as well as it can be."""
