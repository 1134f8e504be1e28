"""What keeps a state folder well: backups of its journal, and their restoring."""

from coopgraph.upkeep.backup import Backup, back_up, backup_name
from coopgraph.upkeep.restore import Restored, Restoring

__all__ = ["Backup", "Restored", "Restoring", "back_up", "backup_name"]
