"""The dashboard: pages for people, in Danish and English, that follow what happens without being loaded again."""
