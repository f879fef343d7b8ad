"""Training: data sets, synthetic clips, losses, the loop."""
