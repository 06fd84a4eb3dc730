"""What auditors see: the decisions, and their replay."""
