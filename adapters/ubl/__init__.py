"""E-invoices to events: OIOUBL 2.x, Peppol BIS Billing 3 and other EN 16931 invoices, in UBL and CII."""
