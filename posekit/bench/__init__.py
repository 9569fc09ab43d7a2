"""Speed benchmarks, which compare alternatives in the same run, as ratios."""
