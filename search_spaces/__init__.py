"""What varies: arms, seeds, and the ready-made sweep files that lie beside this package's code."""
