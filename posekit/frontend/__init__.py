"""Everything that runs in a browser. Widgets and pages are its hosts; it needs neither Jupyter nor Flask."""
