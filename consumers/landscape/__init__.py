"""The landscape: an authority's systems with relations, data sources, owners, cost and conformity, as of any date."""
