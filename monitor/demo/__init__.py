"""The demo: the whole main job against portals served on this machine, through a season."""
