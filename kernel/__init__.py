"""What every layer may lean on: errors, clock, ids, masking, metric declarations. It knows nothing of the domain."""
