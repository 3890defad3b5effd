"""Registers kept in spreadsheets: CSV and XLSX files to events, with everything that is wrong in them, and templates.

`read.py` is the front. `workbook.py` and `delimited.py` open a file as `sheets.py`, `headers.py` finds its header,
`rows.py` checks its rows by a layout of `layouts/`, `complete.py` finds what is gone and `template.py` writes empty
registers.
"""
