"""The drop: its document, plan and life, the gate before it goes live, and who is told of it."""
