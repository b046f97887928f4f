"""Properties are tried on many examples; how long one takes on a busy machine is not what is tested."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
