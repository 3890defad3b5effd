"""Deliveries: what subscribers get, by webhook, stream, pull or mail. No projection: nothing here is ever rebuilt."""
