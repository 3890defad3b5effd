"""The demo: two made-up municipalities, two years of their events and invoices, and the truth about what is wrong."""
