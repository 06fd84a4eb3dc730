"""Vetting: what is known of a provider, judged; the standing that follows, and why."""
