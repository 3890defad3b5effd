"""What the hub makes of events: a folder per consumer, and the runtime that carries them all."""
