"""Carrying a plan out on Ray. The only room that knows Ray."""
