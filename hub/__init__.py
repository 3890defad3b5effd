"""The wiring: settings, processes and the command line. The one place where things are put together."""
