"""What every page shares: its frame, controls, uploads, notebook and lecture view."""
