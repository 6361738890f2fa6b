"""Collect the metrics of all runs into tables, figures and a report."""
