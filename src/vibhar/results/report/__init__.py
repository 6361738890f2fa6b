"""The report: one HTML page. `sections.yaml` says what stands where, `page.html` how it looks."""
