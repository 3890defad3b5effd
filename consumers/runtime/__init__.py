"""The consumer runtime: one way of applying a batch, for the event store and for Kafka alike."""
