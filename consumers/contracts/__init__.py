"""The contract register: terms and dates, prices, processing agreements and their supervision, as of any date."""
