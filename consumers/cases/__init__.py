"""The case index: an authority's cases by number, subject, state, unit, party and period, as of any date."""
