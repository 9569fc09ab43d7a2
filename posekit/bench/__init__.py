"""Speed benchmarks: side by side in one run, as ratios."""
