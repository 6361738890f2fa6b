"""The HTML report: `sections.yaml` has its sections and captions, `page.html` is its template."""
