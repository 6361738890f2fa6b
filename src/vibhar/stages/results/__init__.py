"""Stages that make the tables, the figures and the report."""
