"""Plans a drop: what is known is read, judged and handed to `governance.planning`, kept with it."""
