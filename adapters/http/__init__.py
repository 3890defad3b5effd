"""CloudEvents over HTTP: the way in for source systems that can make a request."""
