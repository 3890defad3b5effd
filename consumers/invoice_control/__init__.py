"""Invoice control: every invoice judged against contract, price, register and its own arithmetic (docs/rules.md)."""
