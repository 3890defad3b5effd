"""Who may: principals with hashed keys, agreements per authority, and the audit log."""
