"""The drop gate before every step: what is asked, what follows, and what is judged again."""
