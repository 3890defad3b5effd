"""The way in and the way on: accept, the event store, the relay to Kafka, and the client for source systems."""
