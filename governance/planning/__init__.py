"""What plans and vetting reckon with: rates with their uncertainty, and what counts prove.

Pure: plain data in, figures out; no database, no HTTP, no gates.
"""
