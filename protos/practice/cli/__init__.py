"""The command `practice`, and how its commands show results: lines, tables, plots, CSV."""
