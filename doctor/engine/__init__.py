"""Plans a run, runs its checks, stamps what they say and finds root causes. Knows no single check or report."""
