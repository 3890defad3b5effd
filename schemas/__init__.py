"""The language everybody speaks: the envelope, the values and one module of events per domain. No I/O."""
