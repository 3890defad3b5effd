"""The ways in and out: a folder per source; no adapter knows a consumer or another adapter."""
