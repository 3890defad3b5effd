"""What the hub shows of itself: metrics and health."""
