from ui.hostile_tables import MAKERS, hostile_files  # noqa: F401
