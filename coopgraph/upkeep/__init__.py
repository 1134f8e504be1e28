"""What keeps a state folder well: backups of its journal, and their restoring."""

from coopgraph.upkeep.backup import Backup, back_up, backup_name

__all__ = ["Backup", "back_up", "backup_name"]
